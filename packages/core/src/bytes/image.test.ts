import fc from "fast-check"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import type { ImageData } from "../contract/adapter.ts"
import { isImageError } from "../contract/errors.ts"
import type { Recipe } from "../contract/image.ts"
import { encodeBase64 } from "./base64.ts"
import { createImage, isImageData, sniff, sniffBase64 } from "./image.ts"

const utf8 = (text: string) => new TextEncoder().encode(text)
const pngHead = [
  0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52, 0, 0, 4, 0, 0, 0, 3,
  0,
]
const imageBytes = Uint8Array.from(
  { length: 150_001 },
  (_, index) => pngHead[index] ?? (index * 167 + (index >> 8)) & 0xff,
)
const imageText = encodeBase64(imageBytes)
const spoilt = `${imageText.slice(0, 100_000)}!${imageText.slice(100_001)}`

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

const forms: readonly { readonly form: string; readonly data: ImageData }[] = [
  { form: "a view", data: { base64: utf8(`["${imageText}"]`).subarray(2, -2) } },
  {
    form: "an unpadded, url-safe view",
    data: { base64: utf8(imageText.replace(/=+$/, "").replaceAll("+", "-").replaceAll("/", "_")) },
  },
  { form: "text", data: imageText },
  { form: "bytes", data: { bytes: Uint8Array.from([0, ...imageBytes]).subarray(1) } },
  { form: "a data URL", data: `data:image/jpeg;base64,${imageText}` },
  { form: "wrapped text", data: imageText.replace(/.{76}/g, "$&\r\n") },
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

describe.each(hosts)("createImage $host", ({ stub }) => {
  beforeEach(stub)
  afterEach(() => vi.unstubAllGlobals())

  it.each(forms)("reads the same from $form in every way", async ({ data }) => {
    const image = createImage({ data, seed: 0, recipe })
    expect(image).toMatchObject({
      mediaType: "image/png",
      width: 1024,
      height: 768,
      seed: 0,
      recipe,
    })
    expect(image.bytes()).toEqual(imageBytes)
    expect(image.base64()).toBe(imageText)
    expect(new TextDecoder().decode(image.base64Bytes())).toBe(imageText)
    expect(image.blob().type).toBe("image/png")
    expect(new Uint8Array(await image.blob().arrayBuffer())).toEqual(imageBytes)
    expect(await collected(image.stream())).toEqual(imageBytes)
    expect(await image.sha256()).toBe(await digest(imageBytes))
    expect(image.detach().bytes()).toEqual(imageBytes)
  })

  it.each([{ data: spoilt }, { data: { base64: utf8(spoilt) } }])(
    "reports broken base64 in every method",
    async ({ data }) => {
      const image = createImage({ data, recipe })
      expect(image.mediaType).toBe("image/png")
      const failure = expect.objectContaining({
        code: "invalid_response",
        message: "The image that test.model-v1 returned is not valid base64.",
      })
      for (const read of [image.bytes, image.base64, image.blob]) expect(read).toThrow(failure)
      await expect(image.sha256()).rejects.toEqual(failure)
      await expect(image.stream().pipeTo(new WritableStream())).rejects.toEqual(failure)
    },
  )
})

it("hands out a copy of its bytes", async () => {
  const image = createImage({ data: { base64: utf8(imageText) }, recipe })
  image.bytes().fill(0)
  expect(image.bytes()).toEqual(imageBytes)
  expect(await image.sha256()).toBe(await digest(imageBytes))
  expect(image.base64()).toBe(imageText)
})

it("hands out copies of bytes that it was made of, and encodes them only on demand", async () => {
  const from = vi.fn<() => never>()
  vi.stubGlobal("Buffer", { from })
  const reply = Uint8Array.from(imageBytes)
  const image = createImage({ data: { bytes: reply }, recipe })
  image.bytes().fill(0)
  image.stream().getReader()
  const detached = image.detach()
  expect(await collected(image.stream())).toEqual(imageBytes)
  expect(from).not.toHaveBeenCalled()
  vi.unstubAllGlobals()
  reply.fill(0)
  expect(detached.base64()).toBe(imageText)
})

it("has no type and no size for bytes of an unknown format", () => {
  const image = createImage({ data: { bytes: utf8("<svg/>") }, recipe })
  expect(image).toMatchObject({ mediaType: "application/octet-stream", width: Number.NaN })
  expect(image.bytes()).toEqual(utf8("<svg/>"))
})

it("has no seed when none is known", () => {
  expect("seed" in createImage({ data: imageText, recipe })).toBe(false)
  expect("seed" in createImage({ data: imageText, seed: undefined, recipe }).detach()).toBe(false)
})

it.each([
  { what: "an unknown format", data: "QUJD", readable: true },
  { what: "no base64", data: "<svg/>", readable: false },
  { what: "a data URL without base64", data: "data:image/png,abc", readable: false },
])("has no type and no size for $what", async ({ data, readable }) => {
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

it("decodes a stream piece by piece", async () => {
  const reader = createImage({ data: { base64: utf8(spoilt) }, recipe })
    .stream()
    .getReader()
  expect((await reader.read()).value).toEqual(imageBytes.slice(0, 49_152))
  await expect(reader.read()).rejects.toMatchObject({ code: "invalid_response" })
  const pieces: number[] = []
  await createImage({ data: imageText, recipe })
    .stream()
    .pipeTo(new WritableStream({ write: (piece) => void pieces.push(piece.length) }))
  expect(pieces).toEqual([49_152, 49_152, 49_152, 2545])
})

it("decodes nothing before a stream is read", async () => {
  const failed = vi.fn<() => void>()
  const reader = createImage({ data: "<svg/>", recipe }).stream().getReader()
  reader.closed.catch(failed)
  await createImage({ data: imageText, recipe }).sha256()
  expect(failed).not.toHaveBeenCalled()
  await expect(reader.read()).rejects.toMatchObject({ code: "invalid_response" })
  expect(failed).toHaveBeenCalledOnce()
})

it("detaches from the reply", () => {
  const reply = utf8(`["${imageText}"]`)
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
  expect(detached.base64()).toBe(imageText)
})

it("shows neither its bytes nor its methods in JSON", () => {
  expect(JSON.parse(JSON.stringify(createImage({ data: imageText, seed: 7, recipe })))).toEqual({
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

const ascii = (text: string) => Array.from(text, (character) => character.charCodeAt(0))
const be16 = (value: number) => [value >> 8, value & 0xff]
const le16 = (value: number) => [value & 0xff, value >> 8]
const le24 = (value: number) => [value & 0xff, (value >> 8) & 0xff, value >> 16]

const png = (width: number, height: number) => [
  ...ascii("\x89PNG\r\n\x1a\n"),
  0,
  0,
  0,
  13,
  ...ascii("IHDR"),
  0,
  0,
  ...be16(width),
  0,
  0,
  ...be16(height),
  8,
  2,
  0,
  0,
  0,
]
const gif = (version: string, width: number, height: number) => [
  ...ascii(version),
  ...le16(width),
  ...le16(height),
  0,
  0,
  0,
]
const riff = (chunk: readonly number[]) => [
  ...ascii("RIFF"),
  10,
  0,
  0,
  0,
  ...ascii("WEBP"),
  ...chunk,
]
const size4 = [10, 0, 0, 0]
const lossy = (width: number, height: number) =>
  riff([
    ...ascii("VP8 "),
    ...size4,
    0x30,
    1,
    0,
    0x9d,
    0x01,
    0x2a,
    ...le16(width | 0x4000),
    ...le16(height | 0x8000),
  ])
const lossless = (width: number, height: number) => {
  const packed = (width - 1) | ((height - 1) << 14) | (1 << 28)
  return riff([...ascii("VP8L"), ...size4, 0x2f, ...le16(packed & 0xffff), ...le16(packed >>> 16)])
}
const extended = (width: number, height: number) =>
  riff([...ascii("VP8X"), ...size4, 0x10, 0, 0, 0, ...le24(width - 1), ...le24(height - 1)])

const segment = (marker: number, content: readonly number[]) => [
  0xff,
  marker,
  ...be16(content.length + 2),
  ...content,
]
const frame = (marker: number, width: number, height: number) =>
  segment(marker, [8, ...be16(height), ...be16(width), 1, 1, 0x11, 0])
const jpeg = (...parts: readonly (readonly number[])[]) => [0xff, 0xd8, ...parts.flat()]
const jfif = segment(0xe0, [...ascii("JFIF\0"), 1, 1, 0, 0, 1, 0, 1, 0, 0])
const exif = segment(
  0xe1,
  Array.from({ length: 65_000 }, () => 0xff),
)
const huffman = segment(0xc4, [0, 0, 0, 0, 0, 0, 0, 0])

const images = [
  { what: "PNG", bytes: png(1024, 768), mediaType: "image/png", width: 1024, height: 768 },
  {
    what: "GIF 87a",
    bytes: gif("GIF87a", 320, 200),
    mediaType: "image/gif",
    width: 320,
    height: 200,
  },
  {
    what: "GIF 89a",
    bytes: gif("GIF89a", 65_535, 1),
    mediaType: "image/gif",
    width: 65_535,
    height: 1,
  },
  {
    what: "lossy WebP",
    bytes: lossy(1360, 768),
    mediaType: "image/webp",
    width: 1360,
    height: 768,
  },
  {
    what: "lossless WebP",
    bytes: lossless(16_384, 3),
    mediaType: "image/webp",
    width: 16_384,
    height: 3,
  },
  {
    what: "extended WebP",
    bytes: extended(100_000, 70_001),
    mediaType: "image/webp",
    width: 100_000,
    height: 70_001,
  },
  {
    what: "baseline JPEG",
    bytes: jpeg(jfif, frame(0xc0, 512, 256)),
    mediaType: "image/jpeg",
    width: 512,
    height: 256,
  },
  {
    what: "progressive JPEG",
    bytes: jpeg(jfif, huffman, frame(0xc2, 1, 2)),
    mediaType: "image/jpeg",
    width: 1,
    height: 2,
  },
  {
    what: "JPEG with 130 kB before its frame",
    bytes: jpeg(exif, exif, frame(0xc0, 7, 9)),
    mediaType: "image/jpeg",
    width: 7,
    height: 9,
  },
  {
    what: "JPEG with fill bytes",
    bytes: jpeg([0xff, 0xff], jfif, [0xff], frame(0xc1, 5, 6)),
    mediaType: "image/jpeg",
    width: 5,
    height: 6,
  },
  {
    what: "JPEG with a marker that stands alone",
    bytes: jpeg([0xff, 0x01], frame(0xc0, 5, 6)),
    mediaType: "image/jpeg",
    width: 5,
    height: 6,
  },
].map(({ bytes, ...rest }) => ({ ...rest, bytes: Uint8Array.from(bytes) }))

describe.each(images)("$what", ({ bytes, mediaType, width, height }) => {
  it("sniff recognises it, also in a larger buffer", () => {
    expect(sniff(bytes)).toEqual({ mediaType, width, height })
    expect(sniff(Uint8Array.from([1, 2, 3, ...bytes, 4]).subarray(3))).toEqual({
      mediaType,
      width,
      height,
    })
  })

  it("sniffBase64 recognises it as text, lifted and in a data URL", () => {
    const text = encodeBase64(Uint8Array.from([...bytes, ...new Uint8Array(100_000)]))
    expect(sniffBase64(text)).toEqual({ mediaType, width, height })
    expect(sniffBase64({ base64: new TextEncoder().encode(text) })).toEqual({
      mediaType,
      width,
      height,
    })
    expect(sniffBase64(`data:image/any;base64,${text}`)).toEqual({ mediaType, width, height })
    expect(sniffBase64(text.replace(/.{76}/g, "$&\n"))).toEqual({ mediaType, width, height })
  })

  it("sniff of a truncated file is unknown or the same", () => {
    const known = Math.min(bytes.length, 200)
    for (let length = 0; length < known; length++)
      expect([undefined, { mediaType, width, height }]).toContainEqual(
        sniff(bytes.subarray(0, length)),
      )
    expect(sniff(bytes.subarray(0, 8))).toBe(undefined)
  })
})

it.each([
  { what: "nothing", bytes: [] },
  { what: "text", bytes: ascii("<svg xmlns='http://www.w3.org/2000/svg'></svg>") },
  { what: "a PNG without area", bytes: png(0, 5) },
  {
    what: "a PNG that does not begin with its header",
    bytes: png(5, 5).map((byte, index) => (index === 12 ? 0 : byte)),
  },
  {
    what: "a RIFF file of sound",
    bytes: [...ascii("RIFF"), ...size4, ...ascii("WAVEfmt "), ...new Uint8Array(30)],
  },
  { what: "a WebP of an unknown kind", bytes: riff([...ascii("ALPH"), ...new Uint8Array(30)]) },
  {
    what: "a WebP without its start code",
    bytes: lossy(5, 5).map((byte, index) => (index === 23 ? 0 : byte)),
  },
  {
    what: "a JPEG that begins its scan without a frame",
    bytes: jpeg(jfif, segment(0xda, [0, 0, 0, 0, 0, 0]), frame(0xc0, 5, 5)),
  },
  { what: "a JPEG that ends at once", bytes: jpeg([0xff, 0xd9], frame(0xc0, 5, 5)) },
  { what: "a JPEG with stray bytes between segments", bytes: jpeg([0, 0], frame(0xc0, 5, 5)) },
  {
    what: "a JPEG whose segments have no length",
    bytes: jpeg([0xff, 0xe0, 0, 0, 0xff, 0xe0, 0, 0, 0xff, 0xe0, 0, 0]),
  },
  {
    what: "a JPEG of fill bytes alone",
    bytes: [0xff, 0xd8, ...Array.from({ length: 10_000 }, () => 0xff)],
  },
])("sniff does not recognise $what", ({ bytes }) => {
  expect(sniff(Uint8Array.from(bytes))).toBe(undefined)
})

it.each([
  { what: "a PNG", bytes: png(640, 480), known: 200 },
  {
    what: "a JPEG",
    bytes: jpeg(segment(0xe1, [...new Uint8Array(300)]), frame(0xc0, 640, 480)),
    known: 1100,
  },
])("sniffBase64 decodes only the head of $what", ({ bytes, known }) => {
  const text = encodeBase64(Uint8Array.from([...bytes, ...new Uint8Array(2000)]))
  expect(sniffBase64(`${text.slice(0, known)}!${text.slice(known)}`)).toMatchObject({
    width: 640,
    height: 480,
  })
})

it.each(["", "not base64 at all!", "data:image/png,abc", "A"])(
  "sniffBase64 returns undefined for %j",
  (text) => {
    expect(sniffBase64(text)).toBe(undefined)
  },
)

it("sniff never throws and never returns a size that is not positive", () => {
  const heads = images.map(({ bytes }) => bytes.subarray(0, 40))
  const mutated = fc
    .tuple(fc.constantFrom(...heads), fc.uint8Array({ maxLength: 60 }), fc.nat({ max: 40 }))
    .map(([head, tail, keep]) => Uint8Array.from([...head.subarray(0, keep), ...tail]))
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 80 }), mutated), (bytes) => {
      const found = sniff(bytes)
      expect(found === undefined || (found.width > 0 && found.height > 0)).toBe(true)
    }),
    { seed: 20_261_120, numRuns: 2000 },
  )
})

describe("isImageData", () => {
  it.each([
    ["a", true],
    [{ base64: new Uint8Array(2) }, true],
    ["", false],
    [" ".repeat(4000), false],
    ["====", false],
    ["\n\r\t", false],
    ["data:image/png;base64,", false],
    ["data:image/png;base64,QQ==", true],
    [{ base64: new TextEncoder().encode("  \n==") }, false],
    [{ base64: new TextEncoder().encode("\nQQ==") }, true],
    [{ base64: "a" }, false],
    [{ bytes: new Uint8Array(1) }, true],
    [{ bytes: new Uint8Array(0) }, false],
    [{ bytes: "a" }, false],
    [null, false],
    [5, false],
  ])("of %j is %s", (value, expected) => {
    expect(isImageData(value)).toBe(expected)
  })
})
