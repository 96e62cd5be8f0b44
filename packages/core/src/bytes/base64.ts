import type { Base64 } from "../contract/adapter.ts"

/** Base64 as text or as the bytes of that text. */
export type Characters = string | Uint8Array

/** A multiple of four, small enough for the caches: larger pieces decode slower. */
const pieceLength = 65_536

/**
 * Decodes base64, url-safe or not, padded or not, wrapped or not. The answer fills its own `ArrayBuffer`.
 *
 * @throws SyntaxError that does not quote its input, where any other character occurs (also a space between others) or the length is impossible.
 */
export const decodeBase64 = (data: Characters): Uint8Array<ArrayBuffer> => tolerant(data, decode)

/** Standard base64 with padding. */
export const encodeBase64 = (bytes: Uint8Array): string =>
  fastBytes(bytes)?.toString("base64") ?? encodeWithoutBuffer(bytes)

/**
 * The same base64 in the standard alphabet, padded, unwrapped. Checked throughout, though not decoded into memory.
 *
 * @throws SyntaxError as {@link decodeBase64} does.
 */
export const standardBase64 = (data: Characters): string =>
  tolerant(data, (characters) => {
    const text = typeof characters === "string" ? characters : latin1(characters)
    const length = unpaddedLength(text)
    check(text)
    return toStandardAlphabet(
      text.length % 4 === 0 ? text : text.slice(0, length) + "=".repeat(-length & 3),
    )
  })

/**
 * The bytes of {@link standardBase64}'s text: a view on the data where it is that as far as a look in places tells, else a copy.
 *
 * @throws SyntaxError as {@link decodeBase64} does, for what is short or does not look like base64.
 */
export const standardBase64Bytes = (data: Characters): Uint8Array =>
  typeof data !== "string" && isStandard(data)
    ? data
    : new TextEncoder().encode(standardBase64(data))

/**
 * The first `length` characters decoded, or a few less, to be looked at and not kept.
 *
 * @throws SyntaxError as {@link decodeBase64} does.
 */
export const decodePrefix = (data: Characters, length: number): Uint8Array<ArrayBuffer> => {
  const head = unwrapped(
    typeof data === "string" ? data.slice(0, length) : data.subarray(0, length),
  )
  return decode(length < data.length ? head.slice(0, head.length & ~3) : head, scratch)
}

/**
 * Decodes 48 KiB at a time.
 *
 * @throws SyntaxError as {@link decodeBase64} does, at the piece that is not base64.
 */
export function* decodePieces(data: Characters): Generator<Uint8Array<ArrayBuffer>, void> {
  let done = 0
  try {
    for (const piece of pieces(data, (from, to) => new Uint8Array(to - from))) {
      yield piece
      done += pieceLength
    }
  } catch {
    const rest = unwrapped(data.slice(done))
    if (rest.length === data.length - done) throw notBase64()
    yield* decodePieces(rest)
  }
}

/**
 * Decodes what people hand in as an image in a string.
 *
 * @throws SyntaxError as {@link decodeBase64} does, and for a data URL that is not base64.
 */
export const fromDataUrlOrBase64 = (text: string): Uint8Array<ArrayBuffer> =>
  decodeBase64(charactersOf(text.trim()))

/**
 * The base64 of what {@link lift} left, without a data URL's head.
 *
 * @throws SyntaxError for a data URL that is not base64.
 */
export const charactersOf = (data: Base64): Characters =>
  typeof data === "string" ? withoutHead(data) : data.base64

const notBase64 = (): SyntaxError => new SyntaxError("not valid base64")

/** Of a data URL the characters before its base64; 0 where the text is none. */
export const headLength = (text: string): number =>
  /^data:[^,]*;\s*base64\s*,/i.exec(text)?.[0].length ?? 0

const withoutHead = (text: string): string => {
  const head = headLength(text)
  if (head === 0 && /^data:/i.test(text)) throw notBase64()
  return text.slice(head)
}

/** Line breaks are rare, and looking for them costs more than decoding: they are taken out only after a first try has failed. */
const tolerant = <Result>(data: Characters, read: (data: Characters) => Result): Result => {
  try {
    return read(data)
  } catch {
    return read(unwrapped(data))
  }
}

/** A space stays where it parts words of one line: the words of an error message would else decode to something. */
const unwrapped = (data: Characters): string =>
  (typeof data === "string" ? data : latin1(data)).trim().replace(/[\t\n\f\r]+ */g, "")

const byteLength = (characters: number): number => Math.floor((characters * 3) / 4)

const unpaddedLength = (data: Characters): number => {
  const isPadding = (index: number) => data[index] === "=" || data[index] === 0x3d
  const length =
    data.length - (isPadding(data.length - 1) ? (isPadding(data.length - 2) ? 2 : 1) : 0)
  // Whole groups take no padding: there it is left in place, for the decoder to trip over.
  return length % 4 === 0 ? data.length : length
}

const decode = (data: Characters, memory = unwritten): Uint8Array<ArrayBuffer> => {
  const bytes = memory(byteLength(unpaddedLength(data)))
  Array.from(pieces(data, (from, to) => bytes.subarray(from, to)))
  return bytes
}

/** Throws where anything but base64 occurs. */
const check = (data: Characters): void => {
  const target = new Uint8Array(byteLength(pieceLength))
  Array.from(pieces(data, (from, to) => target.subarray(0, to - from)))
}

const isStandard = (data: Uint8Array): boolean =>
  data.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(sampleOf(data))

/** The whole of a few KiB, else both ends and 256 places between: the other alphabet and line breaks occur everywhere or nowhere. */
export const sampleOf = (data: Uint8Array): string => {
  if (data.length <= 4096) return latin1(data)
  // An odd step does not keep pace with lines.
  const step = (data.length >>> 8) | 1
  const between = Math.floor((data.length - 2) / step)
  const sample = scratch(between + 512)
  sample.set(data.subarray(0, 256))
  for (let index = 0; index < between; index++) sample[256 + index] = data[index * step] as number
  sample.set(data.subarray(-256), 256 + between)
  return latin1(sample)
}

/** Decodes piece by piece into the bytes that `target` gives for each; throws where anything but base64 occurs. */
function* pieces<Bytes extends Uint8Array>(
  data: Characters,
  target: (from: number, to: number) => Bytes,
): Generator<Bytes, void> {
  const length = unpaddedLength(data)
  if (length % 4 === 1) throw notBase64()
  for (let from = 0; from < length; from += pieceLength) {
    const to = Math.min(from + pieceLength, length)
    const bytes = target(byteLength(from), byteLength(to))
    // A decoder that skips a character writes at least one byte less.
    if (
      write(typeof data === "string" ? data.slice(from, to) : latin1(data, from, to), bytes) !==
      bytes.length
    )
      throw notBase64()
    yield bytes
  }
}

const write = (text: string, target: Uint8Array): number => {
  // Buffer looks at the low eight bits alone and would take "Ł" for "A".
  if (/[\u0100-\uffff]/.test(text)) return -1
  return (
    fastBytes(target)?.write(text, "base64") ?? writeWithoutBuffer(toStandardAlphabet(text), target)
  )
}

const toStandardAlphabet = (text: string): string =>
  text.includes("-") || text.includes("_") ? text.replaceAll("-", "+").replaceAll("_", "/") : text

interface NativeBase64 {
  setFromBase64?(text: string): { readonly written: number }
  toBase64?(): string
}

const writeWithoutBuffer = (text: string, target: Uint8Array & NativeBase64): number => {
  try {
    if (target.setFromBase64) return target.setFromBase64(text).written
    const binary = atob(text)
    for (let index = 0; index < binary.length; index++) target[index] = binary.charCodeAt(index)
    return binary.length
  } catch {
    return -1
  }
}

const encodeWithoutBuffer = (bytes: Uint8Array & NativeBase64): string => {
  if (bytes.toBase64) return bytes.toBase64()
  const pieceBytes = 24_576
  let text = ""
  for (let from = 0; from < bytes.length; from += pieceBytes)
    text += btoa(String.fromCharCode(...bytes.subarray(from, from + pieceBytes)))
  return text
}

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
