import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { call } from "./__fixtures__/server.ts"
import { encodeBody } from "./body.ts"

const form = async (body: Readonly<Record<string, unknown>>): Promise<FormData> => {
  const { bytes, contentType } = await encodeBody({ ...call, body, encoding: "form" }, 1e9)
  const copy = new Uint8Array(bytes)
  return new Response(copy, { headers: { "content-type": contentType } }).formData()
}

const picture = (bytes: Uint8Array, mediaType = "image/png") => ({
  base64: Buffer.from(bytes).toString("base64"),
  mediaType,
})

describe("a form", () => {
  it("names each part as its path is written, and repeats the name of a list", async () => {
    const parts = await form({
      prompt: "a lighthouse",
      n: 0,
      stream: false,
      absent: undefined,
      empty: null,
      tags: ["a", "b"],
      svg: { model: "m", reasoning: { effort: "low" } },
    })
    expect([...parts]).toEqual([
      ["prompt", "a lighthouse"],
      ["n", "0"],
      ["stream", "false"],
      ["tags", "a"],
      ["tags", "b"],
      ["svg[model]", "m"],
      ["svg[reasoning][effort]", "low"],
    ])
  })

  it("sends pictures as files", async () => {
    const parts = await form({
      "image[]": [picture(Uint8Array.of(1, 2)), picture(Uint8Array.of(3), "image/jpeg")],
      mask: picture(Uint8Array.of(4)),
    })
    const files = [...parts].map(([name, file]) => [
      name,
      (file as File).name,
      (file as File).type,
      (file as File).size,
    ])
    expect(files).toEqual([
      ["image[]", "image.png", "image/png", 2],
      ["image[]", "image.jpg", "image/jpeg", 1],
      ["mask", "mask.png", "image/png", 1],
    ])
  })

  it("carries any text and any bytes unchanged, except that line breaks become CRLF", async () => {
    const texts = fc.string({ unit: "grapheme", maxLength: 50 })
    await fc.assert(
      fc.asyncProperty(
        texts,
        texts,
        fc.uint8Array({ maxLength: 300 }),
        async (name, text, bytes) => {
          const parts = await form({ [`${name}x`]: text, "image[]": [picture(bytes)] })
          const crlf = (value: string) => value.replaceAll(/\r\n|\r|\n/g, "\r\n")
          const [[, sent] = [], [, file] = []] = [...parts]
          expect(sent).toBe(crlf(text))
          expect(await (file as File).bytes()).toEqual(bytes)
        },
      ),
      { seed: 20261130, numRuns: 200 },
    )
  })

  it("above the limit is rejected", async () => {
    const large = {
      ...call,
      body: { image: picture(new Uint8Array(500)) },
      encoding: "form",
    } as const
    await expect(encodeBody(large, 500)).rejects.toMatchObject({
      code: "invalid_request",
      issues: [{ path: "body", allowed: "at most 500 bytes" }],
    })
  })
})
