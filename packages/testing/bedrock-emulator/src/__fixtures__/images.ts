/** The base64 of a PNG's first bytes: enough for a check that reads no further than the size. */
export const pngOf = (width: number, height: number): string => {
  const bytes = Buffer.alloc(33)
  Buffer.from("89504e470d0a1a0a0000000d49484452", "hex").copy(bytes)
  bytes.writeUInt32BE(width, 16)
  bytes.writeUInt32BE(height, 20)
  return bytes.toString("base64")
}
