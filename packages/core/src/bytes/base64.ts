import type { Base64 } from "../contract/adapter.ts"

export type Characters = string | Uint8Array

/** Bytes with the methods of Node's `Buffer` that are many times faster than the Web's. */
export type FastBytes = Uint8Array & {
  toString(encoding: "base64" | "latin1", from?: number, to?: number): string
  /** Returns the bytes written; skips characters that are not base64. */
  write(text: string, encoding: "base64"): number
}

/**
 * Decodes base64, url-safe or not, padded or not, wrapped or not. The result fills its own
 * `ArrayBuffer`.
 *
 * @throws SyntaxError that does not quote the data, for any other character (also a space inside
 * a line) or an impossible length.
 */
export const decodeBase64 = (data: Characters): Uint8Array<ArrayBuffer> => tolerant(data, decode)

export const encodeBase64 = (bytes: Uint8Array): string =>
  fastBytes(bytes)?.toString("base64") ?? encodeWithoutBuffer(bytes)

/**
 * The same base64 in the standard alphabet, padded and unwrapped. All of it is checked, and no
 * decoded copy is kept.
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
 * The text of {@link standardBase64} as bytes: a view on the data if that is standard, else a copy.
 *
 * @throws SyntaxError as {@link decodeBase64} does.
 */
export const standardBase64Bytes = (data: Characters): Uint8Array =>
  typeof data !== "string" && isStandard(data)
    ? data
    : new TextEncoder().encode(standardBase64(data))

/**
 * Decodes the first `length` characters, or a few less. Do not keep the result: it can pin the
 * host's memory pool.
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
 * Decodes a data URL or base64.
 *
 * @throws SyntaxError as {@link decodeBase64} does, and for a data URL that is not base64.
 */
export const fromDataUrlOrBase64 = (text: string): Uint8Array<ArrayBuffer> =>
  decodeBase64(charactersOf(text.trim()))

/**
 * The base64 of what {@link lift} left, without the head of a data URL.
 *
 * @throws SyntaxError for a data URL that is not base64.
 */
export const charactersOf = (data: Base64): Characters =>
  typeof data === "string" ? withoutHead(data) : data.base64

/** The number of characters before the base64 of a data URL; 0 for any other text. */
export const headLength = (text: string): number =>
  /^data:[^,]*;\s*base64\s*,/i.exec(text)?.[0].length ?? 0

/**
 * All of a short text. Of a longer one, both ends and 256 places between: another alphabet or line
 * breaks occur everywhere or nowhere.
 */
export const sampleOf = (data: Uint8Array): string => {
  if (data.length <= 4096) return latin1(data)
  // An odd step does not stay in step with lines.
  const step = (data.length >>> 8) | 1
  const between = Math.floor((data.length - 2) / step)
  const sample = scratch(between + 512)
  sample.set(data.subarray(0, 256))
  for (let index = 0; index < between; index++) sample[256 + index] = data[index * step] as number
  sample.set(data.subarray(-256), 256 + between)
  return latin1(sample)
}

/** A `Buffer` on the same memory, where the host has one. */
export const fastBytes = (bytes: Uint8Array): FastBytes | undefined =>
  (globalThis as Host).Buffer?.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** One character per byte; `from` and `to` as in `slice`. */
export const latin1 = (bytes: Uint8Array, from = 0, to = bytes.length): string =>
  fastBytes(bytes)?.toString("latin1", from, to) ??
  new TextDecoder("latin1").decode(bytes.subarray(from, to))

/** A multiple of four that fits the caches: larger pieces decode slower. */
const pieceLength = 65_536

const notBase64 = (): SyntaxError => new SyntaxError("not valid base64")

const withoutHead = (text: string): string => {
  const head = headLength(text)
  if (head === 0 && /^data:/i.test(text)) throw notBase64()
  return text.slice(head)
}

/** Line breaks are rare, and looking for them costs more than decoding. */
const tolerant = <Result>(data: Characters, read: (data: Characters) => Result): Result => {
  try {
    return read(data)
  } catch {
    return read(unwrapped(data))
  }
}

/** A space inside a line stays: without it, the words of an error message would decode. */
const unwrapped = (data: Characters): Uint8Array => {
  const wrapped = typeof data === "string" ? new TextEncoder().encode(data) : data
  const kept = new Uint8Array(wrapped.length)
  let length = 0
  let isLineStart = true
  // A byte at a time: replacing twenty million line breaks of a text takes seconds.
  for (let index = 0; index < wrapped.length; index++) {
    const byte = wrapped[index] as number
    const isBreak = byte === 0x09 || byte === 0x0a || byte === 0x0c || byte === 0x0d
    isLineStart = isBreak || (isLineStart && byte === 0x20)
    if (!isLineStart) kept[length++] = byte
  }
  while (kept[length - 1] === 0x20) length--
  return kept.subarray(0, length)
}

const byteLength = (characters: number): number => Math.floor((characters * 3) / 4)

const unpaddedLength = (data: Characters): number => {
  const isPadding = (index: number) => data[index] === "=" || data[index] === 0x3d
  const length =
    data.length - (isPadding(data.length - 1) ? (isPadding(data.length - 2) ? 2 : 1) : 0)
  // Whole groups take no padding: it is left in place, so that the decoder rejects it.
  return length % 4 === 0 ? data.length : length
}

const decode = (data: Characters, memory = unwritten): Uint8Array<ArrayBuffer> => {
  const bytes = memory(byteLength(unpaddedLength(data)))
  Array.from(pieces(data, (from, to) => bytes.subarray(from, to)))
  return bytes
}

const check = (data: Characters): void => {
  const target = new Uint8Array(byteLength(pieceLength))
  Array.from(pieces(data, (from, to) => target.subarray(0, to - from)))
}

const isStandard = (data: Uint8Array): boolean =>
  data.length % 4 === 0 &&
  /^[A-Za-z0-9+/]*={0,2}$/.test(sampleOf(data)) &&
  !isUrlSafe(fastBytes(data) ?? data) &&
  isValid(data)

/** The decoder takes both alphabets. */
const isUrlSafe = (data: Uint8Array): boolean => data.includes(0x2d) || data.includes(0x5f)

/** One control character, which a sample may miss, breaks the JSON that contains the text. */
const isValid = (data: Uint8Array): boolean => {
  try {
    check(data)
    return true
  } catch {
    return false
  }
}

/** Decodes into the bytes that `target` returns for each piece; throws for anything but base64. */
function* pieces<Bytes extends Uint8Array>(
  data: Characters,
  target: (from: number, to: number) => Bytes,
): Generator<Bytes, void> {
  const length = unpaddedLength(data)
  if (length % 4 === 1) throw notBase64()
  for (let from = 0; from < length; from += pieceLength) {
    const to = Math.min(from + pieceLength, length)
    const bytes = target(byteLength(from), byteLength(to))
    // A decoder that skips a character writes fewer bytes.
    if (
      write(typeof data === "string" ? data.slice(from, to) : latin1(data, from, to), bytes) !==
      bytes.length
    )
      throw notBase64()
    yield bytes
  }
}

const write = (text: string, target: Uint8Array): number => {
  // Buffer only reads the low eight bits: it would take "Ł" for "A".
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

interface Host {
  readonly Buffer?: {
    from(buffer: ArrayBufferLike, offset: number, length: number): FastBytes
    allocUnsafe(length: number): Uint8Array<ArrayBuffer>
    allocUnsafeSlow(length: number): Uint8Array<ArrayBuffer>
  }
}

/** Pooled memory for a caller that writes every byte and keeps none. */
const scratch = (length: number): Uint8Array<ArrayBuffer> => {
  const { buffer, byteOffset } =
    (globalThis as Host).Buffer?.allocUnsafe(length) ?? new Uint8Array(length)
  return new Uint8Array(buffer, byteOffset, length)
}

/** Uninitialized memory of its own for a caller that writes every byte. */
const unwritten = (length: number): Uint8Array<ArrayBuffer> => {
  const { Buffer } = globalThis as Host
  return Buffer ? new Uint8Array(Buffer.allocUnsafeSlow(length).buffer) : new Uint8Array(length)
}
