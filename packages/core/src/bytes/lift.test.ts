import fc from "fast-check"
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest"
import { decodeBase64, encodeBase64 } from "./base64.ts"
import { lift, textOf } from "./lift.ts"

const utf8 = (text: string) => new TextEncoder().encode(text)
const bytesOf = (length: number) =>
  Uint8Array.from({ length }, (_, index) => (index * 167 + (index >> 8)) & 0xff)
/** Holds "/" and "+" and ends in padding. */
const image = encodeBase64(bytesOf(3001))
const prose = "The model could not draw this, and says so at length. ".repeat(40)
const isLifted = (value: unknown) =>
  typeof value === "object" &&
  value !== null &&
  "base64" in value &&
  ArrayBuffer.isView(value.base64)

const hosts = [
  { host: "with Buffer", stub: () => {} },
  { host: "without Buffer", stub: () => vi.stubGlobal("Buffer", undefined) },
]

describe.each(hosts)("lift $host", ({ stub }) => {
  beforeEach(stub)
  afterEach(() => vi.unstubAllGlobals())

  test("leaves a long base64 string as a view on the reply, wherever it stands", () => {
    const reply = utf8(`{ "images" : [ "${image}" ,\n"${image}"], "seed":7, "error": null }`)
    const lifted = lift(reply) as { images: { base64: Uint8Array }[]; seed: number; error: null }
    expect(lifted.images.map(textOf)).toEqual([image, image])
    expect(lifted.images.every(({ base64 }) => base64.buffer === reply.buffer)).toBe(true)
    expect(lifted.seed).toBe(7)
    expect(lifted.error).toBe(null)
  })

  test.each([
    { what: "short base64", text: "iVBORw0KGgo=" },
    { what: "base64 of 1024 bytes", text: image.slice(0, 1024) },
    { what: "prose", text: prose },
    { what: "prose in another script", text: "這是一個很長的錯誤訊息。".repeat(200) },
    { what: "prose between two ends of base64", text: image + prose.repeat(20) + image },
    {
      what: "a long text that differs from base64 at its beginning",
      text: `Error: ${"A".repeat(9001)}`,
    },
    { what: "a long text that differs from base64 at its end", text: `${"A".repeat(9001)}. Sorry` },
    { what: "a data URL without base64", text: `data:text/plain,${prose}` },
    { what: "base64 of an impossible length", text: "A".repeat(2001) },
    {
      what: "wrapped base64, which cannot be told from a list of words",
      text: image.replace(/.{76}/g, "$&\n"),
    },
  ])("keeps $what as a string", ({ text }) => {
    expect(lift(utf8(JSON.stringify({ text, more: image })))).toEqual({
      text,
      more: { base64: utf8(image) },
    })
  })

  test("loses nothing of a text that looks like base64 in all the places it looks at", () => {
    const text = `${image.repeat(30)} é\u{1f30a} ${image.repeat(30)}`.replaceAll("=", "A")
    const lifted = lift(utf8(JSON.stringify({ text }))) as { text: unknown }
    expect(isLifted(lifted.text)).toBe(true)
    expect(textOf(lifted.text)).toBe(text)
    expect(() => decodeBase64((lifted.text as { base64: Uint8Array }).base64)).toThrow(
      "not valid base64",
    )
  })

  test.each([
    {
      what: "a little longer than 1024 bytes",
      text: image.slice(0, 1028),
      seen: image.slice(0, 1028),
    },
    { what: "unpadded", text: image.replace(/=+$/, ""), seen: image.replace(/=+$/, "") },
    {
      what: "url-safe",
      text: image.replaceAll("+", "-").replaceAll("/", "_"),
      seen: image.replaceAll("+", "-").replaceAll("/", "_"),
    },
    { what: "a data URL", text: `data:image/png;base64,${image}`, seen: image },
    {
      what: "a data URL with parameters",
      text: `DATA:image/png;name=a.png;base64,${image}`,
      seen: image,
    },
  ])("lifts base64 that is $what", ({ text, seen }) => {
    const lifted = lift(utf8(JSON.stringify([text]))) as unknown[]
    expect(isLifted(lifted[0])).toBe(true)
    expect(textOf(lifted[0])).toBe(seen)
  })

  test.each([
    { what: "slashes", literal: image.replaceAll("/", "\\/") },
    { what: "a plus sign by its code", literal: image.replaceAll("+", "\\u002b") },
    {
      what: "the head of a data URL",
      literal: `data:image\\/png;base64,${image.replaceAll("/", "\\/")}`,
    },
    { what: "the last character", literal: image.replace(/=$/, "\\u003D") },
  ])("makes a clean copy of base64 that escapes $what", ({ literal }) => {
    expect(lift(utf8(`{"image":"${literal}"}`))).toEqual({ image: { base64: utf8(image) } })
  })

  test.each([0.1, 1, 2.5])(
    "makes a clean copy of base64 with an escape %d blocks from its start",
    (blocks) => {
      const text = encodeBase64(new Uint8Array(99_000).fill(0xff))
      const at = Math.floor(blocks * 32_768)
      const literal = `${text.slice(0, at)}\\${text.slice(at)}`
      expect(lift(utf8(`{"image":"${literal}"}`))).toEqual({ image: { base64: utf8(text) } })
    },
  )

  test("lifts a string that is the whole reply, behind a byte order mark", () => {
    expect(lift(utf8(`\ufeff "${image}" `))).toEqual({ base64: utf8(image) })
    expect(lift(utf8("\ufeff[1]"))).toEqual([1])
  })

  test("keeps keys, even a long one that is base64", () => {
    expect(lift(utf8(`{"${image}" \n : "${image}"}`))).toEqual({ [image]: { base64: utf8(image) } })
  })

  test.each([`a"`, `a\\`, `a\\"`, `\\\\"`, `"`, "\\", `\\\\\\`, `",{`])(
    "finds the end of a string that holds %j",
    (text) => {
      const long = text.repeat(1500)
      expect(lift(utf8(JSON.stringify([text, long, image, text])))).toEqual([
        text,
        long,
        { base64: utf8(image) },
        text,
      ])
    },
  )

  test("finds the end of a string whose backslashes and quote lie around the border of a block", () => {
    for (const before of [32_764, 32_765, 32_766, 32_767, 32_768]) {
      const text = `${"A".repeat(before)}\\\\"tail`
      expect(lift(utf8(JSON.stringify([text, image])))).toEqual([text, { base64: utf8(image) }])
    }
  })

  test("does not take a reply's own text for one of its marks", () => {
    for (const text of ["\u009f0", "\u009f1", "\\u009f0"])
      expect(lift(utf8(JSON.stringify([text, image])))).toEqual([text, image])
    expect(lift(utf8(`["\\u009F0","${image}"]`))).toEqual(["\u009f0", image])
    expect(lift(utf8(`{"a":"${image}","a":"\u009f0"}`))).toEqual({ a: "\u009f0" })
  })

  test("lets the last of two equal keys win", () => {
    expect(lift(utf8(`{"a":"${image}","a":"x","b":"${image}"}`))).toEqual({ a: "x", b: image })
  })

  test("gives a key named __proto__ to the object alone", () => {
    const lifted = lift(utf8(`{"__proto__":{"image":"${image}"},"image":1}`)) as Record<
      string,
      unknown
    >
    expect(Object.getPrototypeOf(lifted)).toBe(Object.prototype)
    expect(Object.keys(lifted)).toEqual(["__proto__", "image"])
    expect(Object.getPrototypeOf(lift(utf8(`{"__proto__":"${image}"}`)))).toBe(Object.prototype)
  })

  test("reads a reply nested deeper than the engine's stack", () => {
    const depth = 100_000
    let value = lift(utf8(`${"[".repeat(depth)}"${image}"${"]".repeat(depth)}`))
    for (let level = 0; level < depth; level++) value = (value as unknown[])[0]
    expect(textOf(value)).toBe(image)
  })

  test.each([
    { what: "nothing", body: [] },
    { what: "an empty chunk", body: utf8("") },
    { what: "HTML", body: utf8("<html>secret</html>") },
    { what: "a reply that is cut off in an image", body: utf8(`{"secret":"${image}`) },
    { what: "a reply that is cut off behind an image", body: utf8(`{"secret":"${image}"`) },
    { what: "two values", body: utf8(`"secret" "${image}"`) },
    { what: "two strings without a comma", body: utf8(`["${image}""${image}"]`) },
    { what: "an unknown escape in a long string", body: utf8(`["secret\\x${image}"]`) },
    { what: "bytes that are not UTF-8", body: Uint8Array.of(0x22, 0xff, 0x22) },
    { what: "a bare line break in a long string", body: utf8(`["secret\n${prose}"]`) },
  ])("rejects $what without quoting it", ({ body }) => {
    expect(() => lift(body)).toThrow(new SyntaxError("the reply is not valid JSON"))
  })

  test("equals JSON.parse for any JSON, in any spelling and any chunks", () => {
    const word = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom("__proto__", "base64", "\\", '"', "\u009f0", "image"),
    )
    const long = fc.oneof(
      fc.integer({ min: 700, max: 4000 }).map((length) => encodeBase64(bytesOf(length))),
      fc
        .integer({ min: 700, max: 4000 })
        .map((length) => `data:image/png;base64,${encodeBase64(bytesOf(length))}`),
      fc.constantFrom(prose, `${image}\n${image}`, image.replaceAll("/", "_")),
    )
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        fc.oneof(fc.constant(null), fc.boolean(), fc.integer(), word, long, long),
        fc.array(tie("tree"), { maxLength: 4 }),
        fc
          .array(fc.tuple(fc.oneof(word, long), tie("tree")), { maxLength: 4 })
          .map((entries) => Object.fromEntries(entries)),
      ),
    }))
    fc.assert(
      fc.property(tree, fc.integer(), fc.array(fc.nat(), { maxLength: 6 }), (value, seed, cuts) => {
        const text = spell(value, draws(seed))
        const bytes = utf8(text)
        expect(JSON.stringify(resolved(lift(chunked(bytes, cuts))))).toBe(
          JSON.stringify(resolved(JSON.parse(text))),
        )
      }),
      { seed: 20_261_120, numRuns: 300 },
    )
  })
})

test("joins chunks once, and copies a single one not at all", () => {
  const reply = utf8(JSON.stringify([image]))
  const [single] = lift([reply]) as [{ base64: Uint8Array }]
  expect(single.base64.buffer).toBe(reply.buffer)
  const [joined] = lift([reply.subarray(0, 900), reply.subarray(900)]) as [{ base64: Uint8Array }]
  expect(joined.base64.byteLength).toBe(image.length)
  expect(joined.base64.buffer.byteLength).toBe(reply.length)
})

test("takes views on a part of a larger buffer", () => {
  const padded = utf8(`xxxx["${image}"]xxxx`)
  expect(lift(padded.subarray(4, -4))).toEqual([{ base64: utf8(image) }])
})

test.each([
  { value: "words", text: "words" },
  { value: { base64: utf8("é") }, text: "é" },
  { value: { base64: "a reply's own key" }, text: undefined },
  { value: null, text: undefined },
  { value: 7, text: undefined },
])("textOf returns the text of $value, lifted or not", ({ value, text }) => {
  expect(textOf(value)).toBe(text)
})

/** mulberry32. */
const draws = (seed: number) => {
  let state = seed
  return (below: number) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

const spell = (value: unknown, draw: (below: number) => number): string => {
  const space = () => (draw(3) === 0 ? " \n\r\t".slice(draw(4)) : "")
  const around = (text: string) => space() + text + space()
  if (typeof value === "string") return around(spellString(value, draw))
  if (Array.isArray(value))
    return around(`[${space()}${value.map((item) => spell(item, draw)).join(",")}]`)
  if (typeof value !== "object" || value === null) return around(JSON.stringify(value))
  const entries = Object.entries(value).map(
    ([key, item]) => `${around(spellString(key, draw))}:${spell(item, draw)}`,
  )
  return around(`{${space()}${entries.join(",")}}`)
}

const spellString = (text: string, draw: (below: number) => number): string => {
  const style = draw(4)
  const plain = JSON.stringify(text)
  if (style === 0) return plain
  if (style === 1) return plain.replaceAll("/", "\\/")
  return plain.replace(/[A-Za-z+/]/g, (character, offset: number) =>
    draw(50) > 0 ||
    plain[offset - 1] === "\\" ||
    /\\u.{0,3}$/.test(plain.slice(Math.max(offset - 5, 0), offset))
      ? character
      : `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  )
}

const chunked = (bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] => {
  const borders = [
    0,
    ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((one, other) => one - other),
    bytes.length,
  ]
  return borders.slice(1).map((border, index) => bytes.subarray(borders[index], border))
}

/** Views as strings, and no head on a long data URL: the one thing that lifting leaves out. */
const resolved = (value: unknown): unknown => {
  if (isLifted(value)) return textOf(value)
  if (typeof value === "string") return value.replace(/^data:[^,]*;base64,/, "")
  if (Array.isArray(value)) return value.map(resolved)
  if (typeof value !== "object" || value === null) return value
  return Object.entries(value).map(([key, item]) => [key, resolved(item)])
}
