import { describe, expect, it } from "vitest"
import { errorOf, imagesOf } from "./__fixtures__/reading.ts"
import { base64, file, form, picture, studio } from "./__fixtures__/studio.ts"

const order = { model: "acme.brush-v1:0", prompt: "A lighthouse" }
const json = { "content-type": "application/json" }
const path = "/v1/images/generations"
const limits = { limits: { bodyBytes: 1000 } }

/** A body that is generated while it is read. */
const stream = (chunks: number, bytes: number) => {
  const state = { read: 0, cancelled: false }
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (state.read++ < chunks) controller.enqueue(new Uint8Array(bytes))
        else controller.close()
      },
      cancel() {
        state.cancelled = true
      },
    },
    { highWaterMark: 0 },
  )
  return { body, state }
}

describe("a request body", () => {
  it.each([
    ["text/plain", 415, "unsupported_media_type"],
    ["application/x-www-form-urlencoded", 415, "unsupported_media_type"],
    ["multipart/form-data; boundary=x", 415, "unsupported_media_type"],
    ["application/jsonp", 415, "unsupported_media_type"],
    ["", 415, "unsupported_media_type"],
    ["Application/JSON; charset=utf-8", 200, undefined],
  ])("with content type %j gets status %d", async (type, status, code) => {
    const response = await studio().send(path, {
      method: "POST",
      headers: { "content-type": type },
      body: JSON.stringify(order),
    })
    expect(response.status).toBe(status)
    if (code !== undefined) expect((await errorOf(response)).code).toBe(code)
  })

  it("is rejected when it is compressed", async () => {
    const error = await errorOf(
      await studio().send(path, {
        method: "POST",
        headers: { ...json, "content-encoding": "gzip" },
        body: "x",
      }),
    )
    expect(error).toMatchObject({ status: 415, code: "unsupported_content_encoding" })
  })

  it.each([
    ["", "invalid_body"],
    ["{", "invalid_json"],
    ["null", "invalid_json"],
    ["[]", "invalid_json"],
    ['"text"', "invalid_json"],
    ["{}{}", "invalid_json"],
    ["\ufffe{}", "invalid_json"],
    [`{"pictor":${"[".repeat(40)}${"]".repeat(40)}}`, "invalid_body"],
    [`{"a":${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}}`, "invalid_body"],
    [JSON.stringify({ ...order, more: Array.from({ length: 600 }, () => 0) }), "invalid_body"],
    [
      JSON.stringify(
        Object.fromEntries(Array.from({ length: 600 }, (_, index) => [`f${index}`, 0])),
      ),
      "invalid_body",
    ],
  ])("is rejected when it is not a JSON object within the limits: case %#", async (body, code) => {
    const made = studio()
    expect(await errorOf(await made.generate(body))).toMatchObject({ status: 400, code })
    expect(made.calls).toEqual([])
  })

  it("is rejected when it is not UTF-8", async () => {
    const response = await studio().send(path, {
      method: "POST",
      headers: json,
      body: Uint8Array.of(0x7b, 0xff, 0x7d),
    })
    expect(await errorOf(response)).toMatchObject({ status: 400, code: "invalid_json" })
  })

  it.each([
    '{"__proto__":{"n":5},"constructor":1,"toString":2}',
    '{"pictor":{"__proto__":{"n":5}}}',
    '{"pictor":{"options":{"__proto__":{"a":1}}}}',
  ])("cannot change a prototype: %s", async (text) => {
    const body = JSON.stringify(order).replace(/\}$/, `,${text.slice(1)}`)
    expect(await errorOf(await studio().generate(body))).toMatchObject({
      status: 400,
      code: "unknown_parameter",
    })
    expect(({} as { n?: number }).n).toBeUndefined()
  })

  it("is not read when content-length exceeds the limit", async () => {
    const { body, state } = stream(10, 10)
    const headers = { ...json, "content-length": "1001" }
    const request = new Request(`http://bridge.test${path}`, {
      method: "POST",
      headers,
      body,
      duplex: "half",
    } as RequestInit)
    expect(await errorOf(await studio({ bridge: limits }).openai.fetch(request))).toMatchObject({
      status: 413,
      code: "request_too_large",
    })
    expect(state.read).toBe(0)
  })

  it.each([{}, { "content-length": "5" }])(
    "is cancelled when it exceeds the limit: %j",
    async (more) => {
      const { body, state } = stream(1000, 300)
      const request = new Request(`http://bridge.test${path}`, {
        method: "POST",
        headers: { ...json, ...more },
        body,
        duplex: "half",
      } as RequestInit)
      expect(await errorOf(await studio({ bridge: limits }).openai.fetch(request))).toMatchObject({
        status: 413,
        code: "request_too_large",
      })
      expect(state.read).toBe(4)
      await Promise.resolve()
      expect(state.cancelled).toBe(true)
    },
  )

  it("is taken from the context, within the same limit", async () => {
    const request = new Request(`http://bridge.test${path}`, { method: "POST", headers: json })
    const bytes = new TextEncoder().encode(JSON.stringify(order))
    const { openai } = studio({ bridge: limits })
    expect((await openai.fetch(request, { body: bytes })).status).toBe(200)
    expect(
      await errorOf(await openai.fetch(request, { body: new Uint8Array(1001) })),
    ).toMatchObject({ status: 413 })
    expect(await errorOf(await openai.fetch(request, { body: new Uint8Array() }))).toMatchObject({
      status: 400,
      code: "invalid_body",
    })
  })

  it("is rejected when the stream fails", async () => {
    const body = new ReadableStream({ pull: (controller) => controller.error(new Error("gone")) })
    const request = new Request(`http://bridge.test${path}`, {
      method: "POST",
      headers: json,
      body,
      duplex: "half",
    } as RequestInit)
    expect(await errorOf(await studio().openai.fetch(request))).toMatchObject({
      status: 400,
      code: "invalid_body",
    })
  })
})

describe("a multipart form", () => {
  const edits = "/v1/images/edits"
  const type = "multipart/form-data; boundary=x"

  it.each([
    ["no boundary", "multipart/form-data", "--x--"],
    ["another boundary", type, "--y\r\n\r\n--y--"],
    ["no end", type, '--x\r\ncontent-disposition: form-data; name="model"\r\n\r\nacme'],
    ["no name", type, "--x\r\ncontent-disposition: form-data\r\n\r\n1\r\n--x--\r\n"],
    ["no form", type, "hello"],
    [
      "no text in UTF-8",
      type,
      Uint8Array.from(
        Buffer.from(
          '--x\r\ncontent-disposition: form-data; name="model"\r\n\r\n\xff\r\n--x--',
          "latin1",
        ),
      ),
    ],
    ["an endless head", type, `--x\r\n${"a: b\r\n".repeat(10_000)}\r\n1\r\n--x--`],
    [
      "endless parts",
      type,
      `${'--x\r\ncontent-disposition: form-data; name="a"\r\n\r\n1\r\n'.repeat(2000)}--x--`,
    ],
  ])("is rejected with %s", async (_, contentType, body) => {
    const response = await studio().send(edits, {
      method: "POST",
      headers: { "content-type": contentType },
      body,
    })
    expect(await errorOf(response)).toMatchObject({ status: 400, code: "invalid_multipart" })
  })

  const written = (
    boundary: string,
    parts: readonly (readonly [head: string, content: Uint8Array | string])[],
  ) =>
    Buffer.concat([
      ...parts.flatMap(([head, content]) => [
        Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; ${head}\r\n\r\n`),
        Buffer.from(content),
        Buffer.from("\r\n"),
      ]),
      Buffer.from(`--${boundary}--\r\n`),
    ])

  it.each([
    ["x", "x"],
    ["--", "--"],
    ["a b", '"a b"'],
    [
      "----WebKitFormBoundary7MA4YWxkTrZu0gW",
      "----WebKitFormBoundary7MA4YWxkTrZu0gW; charset=utf-8",
    ],
    ["y".repeat(70), `${"y".repeat(70)} `],
  ])("may have any boundary: %s", async (boundary, said) => {
    // It contains bytes that look like the end of a part.
    const image = Buffer.concat([picture("a house"), Buffer.from("\r\n\r\n-\r\n--")])
    const body = written(boundary, [
      ['name="model"', order.model],
      ["name=prompt", "A lighthouse\r\nin fog"],
      ['name="image"; filename="house \\"1\\".png"\r\nContent-Type: image/png', image],
      ['name="seed"', "7"],
    ])
    const made = studio()
    const headers = { "content-type": `multipart/form-data; boundary=${said}` }
    const answer = await made.send(edits, { method: "POST", headers, body })
    expect(await imagesOf(answer)).toMatchObject({ data: [{}] })
    expect(made.sent()).toMatchObject({
      varyParams: { text: "A lighthouse\r\nin fog", images: [base64(image)] },
      config: { seed: 7 },
    })
  })

  it.each([["-".repeat(71)], ["-".repeat(8000)], ['"a\u00e9"'], ['"a%b"']])(
    "is refused with a boundary that RFC 2046 does not allow: %s",
    async (said) => {
      const boundary = said.replaceAll('"', "")
      const body = written(boundary, [["name=prompt", "A lighthouse"]])
      const headers = { "content-type": `multipart/form-data; boundary=${said}` }
      const response = await studio().send(edits, { method: "POST", headers, body })
      const error = await errorOf(response)
      expect(error).toMatchObject({ status: 400, code: "invalid_multipart" })
      expect(error.message).toContain("at most 70 characters")
    },
  )

  it("unescapes field names", async () => {
    const body = form({ ...order, image: file(), 'a"b': "1" })
    expect(await errorOf(await studio().send(edits, { method: "POST", body }))).toMatchObject({
      param: 'a"b',
    })
  })

  it.each([
    { config: "1", "config[seed]": "2" },
    { "config[seed]": "2", config: "1" },
    { "config[a]": "1", "config[a][b]": "2" },
  ])("is rejected when a field is a value and an object: %j", async (fields) => {
    const response = await studio().send(edits, {
      method: "POST",
      body: form({ ...order, ...fields }),
    })
    expect(await errorOf(response)).toMatchObject({ status: 400, code: "invalid_multipart" })
  })

  it.each(["model", "prompt", "n", "seed"])("gets one issue when %s is repeated", async (name) => {
    const body = form({ ...order, n: "1", seed: "7", image: file() })
    body.append(name, "5")
    const error = await errorOf(await studio().send(edits, { method: "POST", body }))
    expect(error).toMatchObject({
      status: 400,
      param: name,
      message: `${name} occurs more than once. Send it once.`,
    })
    expect(error.issues).toHaveLength(1)
  })

  it.each([
    `a${"[b]".repeat(40)}`,
    `a${"[b]".repeat(50_000)}`,
    "__proto__[n]",
    "pictor[__proto__][n]",
    "a[",
    "]",
    "[]",
    "",
  ])("is rejected with a malformed or endless name: case %#", async (name) => {
    const response = await studio().send(edits, {
      method: "POST",
      body: form({ ...order, image: file(), [name]: "5" }),
    })
    expect((await errorOf(response)).status).toBe(400)
    expect(({} as { n?: number }).n).toBeUndefined()
  })

  it("is rejected when its JSON is nested too deeply", async () => {
    const deep = `${"[".repeat(100)}${"]".repeat(100)}`
    const response = await studio().send(edits, {
      method: "POST",
      body: form({ ...order, image: file(), config: `{"tuning":${deep}}` }),
    })
    expect((await errorOf(response)).status).toBe(400)
  })
})
