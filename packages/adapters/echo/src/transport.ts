import type { Transport } from "@pictor/core/adapter"

const crcOf = (bytes: Uint8Array): number => {
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
  }
  return ~crc >>> 0
}

const chunk = (type: string, content: Uint8Array): Uint8Array => {
  const bytes = new Uint8Array(content.length + 12)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, content.length)
  bytes.set(new TextEncoder().encode(type), 4)
  bytes.set(content, 8)
  view.setUint32(content.length + 8, crcOf(bytes.subarray(4, content.length + 8)))
  return bytes
}

const deflate = async (bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> =>
  new Uint8Array(
    await new Response(
      new Blob([bytes]).stream().pipeThrough(new CompressionStream("deflate")),
    ).arrayBuffer(),
  )

/** A PNG of one color, chosen by the seed. */
const drawPng = async (width: number, height: number, seed: number): Promise<Uint8Array> => {
  const header = new Uint8Array(13)
  const view = new DataView(header.buffer)
  view.setUint32(0, width)
  view.setUint32(4, height)
  header.set([1, 3], 8)
  const palette = Uint8Array.of(seed & 255, (seed >> 8) & 255, (seed >> 16) & 255)
  const rows = new Uint8Array((Math.ceil(width / 8) + 1) * height)
  const parts = [
    Uint8Array.of(137, 80, 78, 71, 13, 10, 26, 10),
    chunk("IHDR", header),
    chunk("PLTE", palette),
    chunk("IDAT", await deflate(rows)),
    chunk("IEND", new Uint8Array()),
  ]
  return new Uint8Array(await new Blob(parts as Uint8Array<ArrayBuffer>[]).arrayBuffer())
}

const toBase64 = (bytes: Uint8Array): string =>
  btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""))

/**
 * A provider without a network: it draws one color per seed in this process and charges nothing.
 */
export const echoTransport = (): Transport => ({
  name: "echo",
  invoke: async ({ body, signal }) => {
    signal?.throwIfAborted()
    const { width, height, seed, count } = body as {
      readonly width: number
      readonly height: number
      readonly seed: number
      readonly count: number
    }
    const images = await Promise.all(
      Array.from({ length: count }, async (_, index) =>
        toBase64(await drawPng(width, height, seed + index)),
      ),
    )
    return { status: 200, headers: {}, body: new TextEncoder().encode(JSON.stringify({ images })) }
  },
})
