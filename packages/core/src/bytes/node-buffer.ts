/** Bytes with the two abilities of Node's `Buffer` that the Web's means lack or do many times slower. */
export type FastBytes = Uint8Array & {
  toString(encoding: "base64" | "latin1", from?: number, to?: number): string
  /** Bytes written; characters that are not base64 are skipped. */
  write(text: string, encoding: "base64"): number
}

interface Host {
  readonly Buffer?: {
    from(buffer: ArrayBufferLike, offset: number, length: number): FastBytes
    allocUnsafe(length: number): Uint8Array<ArrayBuffer>
    allocUnsafeSlow(length: number): Uint8Array<ArrayBuffer>
  }
}

/** A `Buffer` on the same memory, where the host has one. */
export const fastBytes = (bytes: Uint8Array): FastBytes | undefined =>
  (globalThis as Host).Buffer?.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** One character per byte; `from` and `to` as in `slice`. */
export const latin1 = (bytes: Uint8Array, from = 0, to = bytes.length): string =>
  fastBytes(bytes)?.toString("latin1", from, to) ??
  new TextDecoder("latin1").decode(bytes.subarray(from, to))

/** A few bytes for one who writes every one of them and keeps none: of memory that the host has at hand. */
export const scratch = (length: number): Uint8Array<ArrayBuffer> => {
  const { buffer, byteOffset } =
    (globalThis as Host).Buffer?.allocUnsafe(length) ?? new Uint8Array(length)
  return new Uint8Array(buffer, byteOffset, length)
}

/** Memory of its own for one who writes every byte of it: the host may leave in it what was there. */
export const unwritten = (length: number): Uint8Array<ArrayBuffer> => {
  const { Buffer } = globalThis as Host
  return Buffer ? new Uint8Array(Buffer.allocUnsafeSlow(length).buffer) : new Uint8Array(length)
}
