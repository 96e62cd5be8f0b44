import { createCipheriv, createHash } from "node:crypto"
import { crc32, deflateSync } from "node:zlib"
import type { Picture } from "./benchmark.ts"

/** Side of a 2.25 MB image, which is 3 MB as base64. */
const side3Mb = 866

const chunk = (type: string, data: Uint8Array): Buffer => {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data])
  const framed = Buffer.alloc(body.length + 8)
  framed.writeUInt32BE(data.length, 0)
  body.copy(framed, 4)
  framed.writeUInt32BE(crc32(body), body.length + 4)
  return framed
}

/** Deterministic noise, which compresses as badly as a photograph. */
const noise = (length: number): Buffer =>
  createCipheriv("aes-128-ctr", Buffer.alloc(16), Buffer.alloc(16)).update(Buffer.alloc(length))

/** A valid PNG of about 3 × side² bytes. */
export const drawPng = (side: number): Buffer => {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(side, 0)
  header.writeUInt32BE(side, 4)
  // 8-bit RGB.
  header.set([8, 2, 0, 0, 0], 8)
  const rows = noise(side * (1 + side * 3))
  // The first byte of a row is its filter type: none.
  for (let row = 0; row < side; row++) rows[row * (1 + side * 3)] = 0
  const signature = Buffer.from("\x89PNG\r\n\x1a\n", "latin1")
  return Buffer.concat([
    signature,
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(rows, { level: 0 })),
    chunk("IEND", Buffer.alloc(0)),
  ])
}

export const sha256 = (bytes: Uint8Array): string =>
  createHash("sha256").update(bytes).digest("hex")

/** https://docs.aws.amazon.com/nova/latest/userguide/image-gen-access.html, seen 2026-11-20. */
export const drawPicture = (): Picture & { readonly png: Buffer } => {
  const png = drawPng(side3Mb)
  return {
    reply: Buffer.from(JSON.stringify({ images: [png.toString("base64")] })),
    png,
    sha256: sha256(png),
  }
}
