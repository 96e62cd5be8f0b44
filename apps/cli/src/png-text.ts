import { crc32 } from "node:zlib"

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
/** Length, type and checksum of a chunk. */
const chunkFrame = 12
/** Keyword of the text chunk. */
const keyword = "pictor"
/** The PNG chunk of a C2PA manifest, which signs the other bytes of the file. */
const c2pa = "caBX"

interface Chunk {
  readonly type: string
  readonly start: number
  readonly data: Buffer
}

const chunksOf = (png: Buffer): readonly Chunk[] | undefined => {
  if (!png.subarray(0, signature.length).equals(signature)) return undefined
  const chunks: Chunk[] = []
  for (let start = signature.length; start + chunkFrame <= png.length; ) {
    const length = png.readUInt32BE(start)
    if (start + chunkFrame + length > png.length) return undefined
    const type = png.toString("latin1", start + 4, start + 8)
    chunks.push({ type, start, data: png.subarray(start + 8, start + 8 + length) })
    start += chunkFrame + length
  }
  return chunks.at(-1)?.type === "IEND" ? chunks : undefined
}

/** Uncompressed, without a language and a translated keyword. */
const textChunk = (text: string): Buffer => {
  const content = Buffer.concat([
    Buffer.from(`iTXt${keyword}\0\0\0\0\0`, "latin1"),
    Buffer.from(text, "utf8"),
  ])
  const chunk = Buffer.alloc(content.length + 8)
  chunk.writeUInt32BE(content.length - 4, 0)
  content.copy(chunk, 4)
  chunk.writeUInt32BE(crc32(content), content.length + 4)
  return chunk
}

export type Embedded = { readonly bytes: Buffer } | { readonly problem: string }

/** Puts a text into a PNG's metadata. The pixels stay as they are. */
export const embedText = (picture: Uint8Array, text: string): Embedded => {
  const png = Buffer.from(picture)
  const chunks = chunksOf(png)
  if (!chunks) return { problem: "it is not a PNG" }
  if (chunks.some(({ type }) => type === c2pa)) return { problem: "its C2PA signature would break" }
  const end = chunks.at(-1)?.start ?? png.length
  return { bytes: Buffer.concat([png.subarray(0, end), textChunk(text), png.subarray(end)]) }
}

/** The text that {@link embedText} put in, if any. */
export const embeddedText = (picture: Uint8Array): string | undefined => {
  const lead = `${keyword}\0\0\0\0\0`
  const chunk = chunksOf(Buffer.from(picture))?.find(
    ({ type, data }) => type === "iTXt" && data.toString("latin1", 0, lead.length) === lead,
  )
  return chunk?.data.toString("utf8", lead.length)
}
