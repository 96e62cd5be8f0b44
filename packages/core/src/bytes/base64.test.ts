import fc from "fast-check"
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest"
import {
  charactersOf,
  decodeBase64,
  decodePieces,
  decodePrefix,
  encodeBase64,
  fromDataUrlOrBase64,
  standardBase64,
  standardBase64Bytes,
} from "./base64.ts"

const utf8 = (text: string) => new TextEncoder().encode(text)
const bytesOf = (length: number) =>
  Uint8Array.from({ length }, (_, index) => (index * 167 + (index >> 8)) & 0xff)
const joined = (pieces: Iterable<Uint8Array>) =>
  Uint8Array.from([...pieces].flatMap((piece) => [...piece]))
const refusal = new SyntaxError("not valid base64")

/** New engines have them, older ones do not: each test sets what it needs. */
const prototype: object = Uint8Array.prototype

const onPrototype = (name: string, value: unknown) =>
  Object.defineProperty(prototype, name, { value, configurable: true, writable: true })

/** What engines newer than Node 24 bring along, in as far as it is used. */
const stubNative = () => {
  vi.stubGlobal("Buffer", undefined)
  const { atob, btoa } = globalThis
  onPrototype("setFromBase64", function (this: Uint8Array, text: string) {
    const binary = atob(text)
    this.set(Uint8Array.from(binary, (character) => character.charCodeAt(0)))
    return { read: text.length, written: binary.length }
  })
  onPrototype("toBase64", function (this: Uint8Array) {
    return btoa(Array.from(this, (byte) => String.fromCharCode(byte)).join(""))
  })
  vi.stubGlobal("atob", undefined)
  vi.stubGlobal("btoa", undefined)
}

const hosts = [
  { host: "with Buffer", stub: () => {} },
  { host: "with the engine's own base64", stub: stubNative },
  { host: "with atob alone", stub: () => vi.stubGlobal("Buffer", undefined) },
]

describe.each(hosts)("base64 $host", ({ stub }) => {
  const native = ["setFromBase64", "toBase64"].map((name) => ({
    name,
    own: Object.getOwnPropertyDescriptor(prototype, name),
  }))
  beforeEach(() => {
    for (const { name } of native) Reflect.deleteProperty(prototype, name)
    stub()
  })
  afterEach(() => {
    vi.unstubAllGlobals()
    for (const { name, own } of native) {
      if (own) Object.defineProperty(prototype, name, own)
      else Reflect.deleteProperty(prototype, name)
    }
  })

  test.each([
    { text: "", bytes: [] },
    { text: "QQ==", bytes: [0x41] },
    { text: "QQ", bytes: [0x41] },
    { text: "QUI=", bytes: [0x41, 0x42] },
    { text: "QUI", bytes: [0x41, 0x42] },
    { text: "QUJD", bytes: [0x41, 0x42, 0x43] },
    { text: "+/+/", bytes: [0xfb, 0xff, 0xbf] },
    { text: "-_-_", bytes: [0xfb, 0xff, 0xbf] },
    { text: "+_-/", bytes: [0xfb, 0xff, 0xbf] },
    { text: " Q\r\n  U\tJD \n", bytes: [0x41, 0x42, 0x43] },
    { text: "QQ==\n", bytes: [0x41] },
  ])("decodes $text from text and from bytes", ({ text, bytes }) => {
    expect([...decodeBase64(text)]).toEqual(bytes)
    expect([...decodeBase64(utf8(text))]).toEqual(bytes)
    expect([...joined(decodePieces(text))]).toEqual(bytes)
    expect(standardBase64(utf8(text))).toBe(encodeBase64(Uint8Array.from(bytes)))
    expect(standardBase64Bytes(utf8(text))).toEqual(utf8(standardBase64(text)))
  })

  test.each([
    "Q",
    "QUJDQ",
    "QQ===",
    "=",
    "Q=Q=",
    "QUI=QUJD",
    "QUJD!",
    "QU\u0141D",
    "QU\u2028D",
    "QUJ\u00e9",
    "QUJ\0",
    "%2B/+",
    "not an image",
    "Content filtered",
    "QUJD QUJD",
    "QUJD=",
    "QUJD==",
    "==",
  ])("rejects %j everywhere without quoting it", (text) => {
    expect(() => decodeBase64(text)).toThrow(refusal)
    expect(() => decodeBase64(utf8(text))).toThrow(refusal)
    expect(() => standardBase64(text)).toThrow(refusal)
    expect(() => standardBase64Bytes(utf8(text))).toThrow(refusal)
    expect(() => joined(decodePieces(text))).toThrow(refusal)
    expect(() => fromDataUrlOrBase64(`data:image/png;base64,${text}`)).toThrow(refusal)
  })

  test("hands out standard base64 as the same bytes, without a copy", () => {
    const written = utf8(encodeBase64(bytesOf(200_000)))
    expect(standardBase64Bytes(written)).toBe(written)
    const other = utf8(encodeBase64(Uint8Array.of(255, 254, 253)).replaceAll("/", "_"))
    expect(new TextDecoder().decode(standardBase64Bytes(other))).toBe(
      encodeBase64(Uint8Array.of(255, 254, 253)),
    )
  })

  test.each([49_150, 49_151, 49_152, 49_153, 200_000])(
    "keeps %i bytes whole across the pieces",
    (length) => {
      const bytes = bytesOf(length)
      const text = encodeBase64(bytes)
      expect(decodeBase64(text)).toEqual(bytes)
      expect(joined(decodePieces(utf8(text)))).toEqual(bytes)
      expect(standardBase64(text.replace(/=+$/, "").replaceAll("+", "-"))).toBe(text)
    },
  )

  test("finds one wrong character, and takes one line break, far inside", () => {
    const bytes = bytesOf(200_000)
    const text = encodeBase64(bytes)
    const spoilt = `${text.slice(0, 150_000)}!${text.slice(150_001)}`
    expect(() => decodeBase64(utf8(spoilt))).toThrow(refusal)
    expect(() => standardBase64(utf8(spoilt))).toThrow(refusal)
    expect(() => joined(decodePieces(utf8(spoilt)))).toThrow(refusal)
    const wrapped = utf8(`${text.slice(0, 150_001)}\n${text.slice(150_001)}`)
    expect(decodeBase64(wrapped)).toEqual(bytes)
    expect(standardBase64(wrapped)).toBe(text)
    expect(joined(decodePieces(wrapped))).toEqual(bytes)
  })

  test("hands out bytes that fill a buffer of their own", () => {
    for (const length of [1, 100, 100_000])
      expect(decodeBase64(encodeBase64(bytesOf(length))).buffer.byteLength).toBe(length)
  })

  test("takes a line break after every character in one pass", () => {
    const text = encodeBase64(bytesOf(30_000))
    const wrapped = [...text].join("\r\n ")
    const replace = vi.spyOn(String.prototype, "replace")
    const decoded = decodeBase64(wrapped)
    const passes = replace.mock.calls.length
    replace.mockRestore()
    expect(decoded).toEqual(bytesOf(30_000))
    expect(passes).toBe(0)
    expect(() => decodeBase64("AAAA\nAA A")).toThrow(refusal)
    expect(() => decodeBase64("AAAA\n\u0141AAA")).toThrow(refusal)
  })

  test("brings back any bytes, whatever the alphabet, the padding and the line breaks", () => {
    const breaks = fc.array(
      fc.tuple(fc.nat({ max: 90 }), fc.constantFrom("\n", "\r\n", "\t", "\f", "\n  ")),
      { maxLength: 3 },
    )
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        fc.boolean(),
        fc.boolean(),
        breaks,
        (bytes, isUrlSafe, isBare, holes) => {
          const text = encodeBase64(bytes)
          const alphabet = isUrlSafe ? text.replaceAll("+", "-").replaceAll("/", "_") : text
          const written = holes.reduce(
            (sum, [at, space]) => sum.slice(0, at) + space + sum.slice(at),
            isBare ? alphabet.replace(/=+$/, "") : alphabet,
          )
          expect(decodeBase64(written)).toEqual(bytes)
          expect(joined(decodePieces(utf8(written)))).toEqual(bytes)
          expect(standardBase64(written)).toBe(text)
        },
      ),
      { seed: 20_261_120, numRuns: 300 },
    )
  })

  test("decodes a prefix in whole groups, around line breaks", () => {
    expect(decodePrefix("QUJDREVGRw==", 6)).toEqual(utf8("ABC"))
    expect(decodePrefix("QU\nJDREVGRw==", 9)).toEqual(utf8("ABCDEF"))
    expect(decodePrefix("QUJDREVGRw==", 99)).toEqual(utf8("ABCDEFG"))
    expect(() => decodePrefix("no image", 99)).toThrow(SyntaxError)
  })
})

test.each([
  "QUJD",
  " QUJD\n",
  "data:image/png;base64,QUJD",
  "DATA:Image/PNG;name=a;Base64,QUJD",
  "\n data:; base64 ,QUJD",
])("fromDataUrlOrBase64 reads %j", (text) => {
  expect(fromDataUrlOrBase64(text)).toEqual(utf8("ABC"))
})

test.each([
  "data:image/png,QUJD",
  "data:image/png;base64",
  "data:",
  "data:,",
  "data:base64,QUJD",
  "https://example.com/a.png",
])("fromDataUrlOrBase64 rejects %s", (text) => {
  expect(() => fromDataUrlOrBase64(text)).toThrow(refusal)
})

test("finds the base64 of lifted data", () => {
  const view = utf8("QUJD")
  expect(charactersOf({ base64: view })).toBe(view)
  expect(charactersOf("QUJD")).toBe("QUJD")
  expect(charactersOf("data:image/png;base64,QUJD")).toBe("QUJD")
})

test("decodes a line break after every character", () => {
  const bytes = Uint8Array.from({ length: 30_000 }, (_, index) => index % 251)
  const wrapped = encodeBase64(bytes).replace(/./g, "$&\r\n  ")
  expect(decodeBase64(wrapped)).toEqual(bytes)
  expect(decodeBase64(utf8(wrapped))).toEqual(bytes)
  expect(() => decodeBase64(`${wrapped}Ł`)).toThrow(refusal)
  expect(() => decodeBase64("QU JD")).toThrow(refusal)
})

describe("standard base64 as bytes, with one character that a sample misses", () => {
  const text = encodeBase64(new Uint8Array(9000).fill(255))
  // Sampled are both ends and every 47th character between them.
  const at = 6001
  const withOne = (byte: number) => {
    const bytes = utf8(text)
    bytes[at] = byte
    return bytes
  }

  test.each(["\\", '"', "=", " ", "\0", "\u001f", "\u00e9", "\u00ff", "!"])(
    "is rejected for %j",
    (character) => {
      expect(() => standardBase64Bytes(withOne(character.charCodeAt(0)))).toThrow(refusal)
    },
  )

  test.each(["\n", "\r", "\t", "\f"])("loses %j", (character) => {
    const wrapped = utf8(`${text.slice(0, at)}${character.repeat(4)}${text.slice(at)}`)
    expect(standardBase64Bytes(wrapped)).toEqual(utf8(text))
  })

  test("is brought to the standard alphabet", () => {
    expect(standardBase64Bytes(withOne("_".charCodeAt(0)))).toEqual(utf8(text))
  })
})
