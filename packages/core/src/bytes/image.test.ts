import { afterEach, beforeEach, describe, expect, test, vi } from "vitest"
import type { Base64 } from "../contract/adapter.ts"
import { isImageError } from "../contract/errors.ts"
import type { Recipe } from "../contract/result.ts"
import { encodeBase64 } from "./base64.ts"
import { createImage } from "./image.ts"

const utf8 = (text: string) => new TextEncoder().encode(text)
const head = [
  0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52, 0, 0, 4, 0, 0, 0, 3,
  0,
]
const bytes = Uint8Array.from(
  { length: 150_001 },
  (_, index) => head[index] ?? (index * 167 + (index >> 8)) & 0xff,
)
const text = encodeBase64(bytes)
const spoilt = `${text.slice(0, 100_000)}!${text.slice(100_001)}`

const recipe: Recipe = {
  v: 1,
  request: { prompt: "a lighthouse" },
  model: "test.model-v1",
  modelId: "test.model-v1",
  callSeed: 7,
  callImages: 1,
  index: 0,
  adapter: "test@0.1.0",
  replayable: true,
}

const forms: readonly { readonly form: string; readonly data: Base64 }[] = [
  { form: "a view", data: { base64: utf8(`["${text}"]`).subarray(2, -2) } },
  {
    form: "an unpadded, url-safe view",
    data: { base64: utf8(text.replace(/=+$/, "").replaceAll("+", "-").replaceAll("/", "_")) },
  },
  { form: "text", data: text },
  { form: "a data URL", data: `data:image/jpeg;base64,${text}` },
  { form: "wrapped text", data: text.replace(/.{76}/g, "$&\r\n") },
]

const collected = async (stream: ReadableStream<Uint8Array<ArrayBuffer>>) => {
  const pieces: Uint8Array<ArrayBuffer>[] = []
  await stream.pipeTo(new WritableStream({ write: (piece) => void pieces.push(piece) }))
  return new Uint8Array(await new Blob(pieces).arrayBuffer())
}

const hosts = [
  { host: "with Buffer", stub: () => {} },
  { host: "without Buffer", stub: () => vi.stubGlobal("Buffer", undefined) },
]

describe.each(hosts)("an image $host", ({ stub }) => {
  beforeEach(stub)
  afterEach(() => vi.unstubAllGlobals())

  test.each(forms)("reads the same from $form in every way", async ({ data }) => {
    const image = createImage({ data, seed: 0, recipe })
    expect(image).toMatchObject({
      mediaType: "image/png",
      width: 1024,
      height: 768,
      seed: 0,
      recipe,
    })
    expect(image.bytes()).toEqual(bytes)
    expect(image.base64()).toBe(text)
    expect(image.blob().type).toBe("image/png")
    expect(new Uint8Array(await image.blob().arrayBuffer())).toEqual(bytes)
    expect(await collected(image.stream())).toEqual(bytes)
    expect(await image.sha256()).toBe(await digest(bytes))
    expect(image.detach().bytes()).toEqual(bytes)
  })

  test.each([{ data: spoilt }, { data: { base64: utf8(spoilt) } }])(
    "reports base64 that is broken in its middle, in every way",
    async ({ data }) => {
      const image = createImage({ data, recipe })
      expect(image.mediaType).toBe("image/png")
      const failure = expect.objectContaining({
        code: "invalid_response",
        message: "the image that test.model-v1 returned is not valid base64",
      })
      for (const read of [image.bytes, image.base64, image.blob]) expect(read).toThrow(failure)
      await expect(image.sha256()).rejects.toEqual(failure)
      await expect(image.stream().pipeTo(new WritableStream())).rejects.toEqual(failure)
    },
  )
})

test("keeps its bytes when a caller writes on those it got", async () => {
  const image = createImage({ data: { base64: utf8(text) }, recipe })
  image.bytes().fill(0)
  expect(image.bytes()).toEqual(bytes)
  expect(await image.sha256()).toBe(await digest(bytes))
  expect(image.base64()).toBe(text)
})

test("leaves the seed out where none is known", () => {
  expect("seed" in createImage({ data: text, recipe })).toBe(false)
  expect("seed" in createImage({ data: text, seed: undefined, recipe }).detach()).toBe(false)
})

test.each([
  { what: "an unknown format", data: "QUJD", readable: true },
  { what: "no base64", data: "<svg/>", readable: false },
  { what: "a data URL without base64", data: "data:image/png,abc", readable: false },
])("is made of $what without a type and a size", async ({ data, readable }) => {
  const image = createImage({ data, recipe })
  expect(image).toMatchObject({
    mediaType: "application/octet-stream",
    extension: "bin",
    width: Number.NaN,
    height: Number.NaN,
  })
  if (readable) expect(image.bytes()).toEqual(utf8("ABC"))
  else
    for (const read of [image.bytes, image.base64, image.blob])
      expect(read).toThrow(expect.toSatisfy((error) => isImageError(error, "invalid_response")))
  if (readable) await expect(collected(image.stream())).resolves.toEqual(utf8("ABC"))
  else await expect(collected(image.stream())).rejects.toMatchObject({ code: "invalid_response" })
})

test("decodes a stream as it is read, in pieces", async () => {
  const reader = createImage({ data: { base64: utf8(spoilt) }, recipe })
    .stream()
    .getReader()
  expect((await reader.read()).value).toEqual(bytes.slice(0, 49_152))
  await expect(reader.read()).rejects.toMatchObject({ code: "invalid_response" })
  const pieces: number[] = []
  await createImage({ data: text, recipe })
    .stream()
    .pipeTo(new WritableStream({ write: (piece) => void pieces.push(piece.length) }))
  expect(pieces).toEqual([49_152, 49_152, 49_152, 2545])
})

test("decodes nothing of a stream that nobody reads", async () => {
  const failed = vi.fn<() => void>()
  const reader = createImage({ data: "<svg/>", recipe }).stream().getReader()
  reader.closed.catch(failed)
  await createImage({ data: text, recipe }).sha256()
  expect(failed).not.toHaveBeenCalled()
  await expect(reader.read()).rejects.toMatchObject({ code: "invalid_response" })
  expect(failed).toHaveBeenCalledOnce()
})

test("detaches from the reply", () => {
  const reply = utf8(`["${text}"]`)
  const image = createImage({ data: { base64: reply.subarray(2, -2) }, seed: 7, recipe })
  const detached = image.detach()
  reply.fill(0)
  expect(detached).toMatchObject({
    mediaType: "image/png",
    extension: "png",
    width: 1024,
    height: 768,
    seed: 7,
    recipe,
  })
  expect(detached.base64()).toBe(text)
})

test("shows neither its bytes nor its methods in JSON", () => {
  expect(JSON.parse(JSON.stringify(createImage({ data: text, seed: 7, recipe })))).toEqual({
    mediaType: "image/png",
    extension: "png",
    width: 1024,
    height: 768,
    seed: 7,
    recipe,
  })
})

const digest = async (of: Uint8Array<ArrayBuffer>) =>
  Array.from(new Uint8Array(await crypto.subtle.digest("SHA-256", of)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("")
