import {
  type FastBytes,
  fastBytes,
  headLength,
  latin1,
  sampleOf,
  standardBase64,
} from "./base64.ts"

/**
 * Parses a JSON reply without touching its images. A string value of more than 1024 bytes that is
 * base64 becomes `{ base64 }`, a view on the reply's bytes after the head of a data URL (a copy if
 * it has escapes). Everything else goes through `JSON.parse`. Long strings are only sampled, and
 * checked when they are decoded; {@link textOf} returns the text of a long string that is no image.
 *
 * @param body One chunk is not copied; several are joined once.
 * @throws SyntaxError that does not quote the reply, if it is not JSON in UTF-8.
 */
export const lift = (body: Uint8Array | readonly Uint8Array[]): unknown => {
  const bytes = joined(body)
  try {
    const root = restored(scan(bytes))
    return root === undefined
      ? JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes))
      : root[0]
  } catch {
    // Without its cause: JSON.parse quotes what it reads.
    throw new SyntaxError("the reply is not valid JSON")
  }
}

/** A string of a lifted reply, whether or not it looked like an image; else undefined. */
export const textOf = (value: unknown): string | undefined => {
  if (typeof value === "string") return value
  const lifted =
    typeof value === "object" && value !== null && "base64" in value ? value.base64 : undefined
  return ArrayBuffer.isView(lifted) ? new TextDecoder().decode(lifted) : undefined
}

/** A JSON text with marks for its long base64 strings, and views on those by the marks' numbers. */
interface Skeleton {
  readonly text: string
  readonly views: readonly Uint8Array[]
}

/** An unused control character. Above U+00FF, strings would take twice the memory. */
const mark = "\u009f"

/** Strings of this many bytes or less stay in the skeleton. */
const shortBytes = 1024
/** Small enough to be in the cache when a block is read again. */
const blockBytes = 32_768

const quote = 0x22
const backslash = 0x5c
const space = 0x20
const colon = 0x3a
const [comma, openList, openObject] = [0x2c, 0x5b, 0x7b]

const decoder = /* @__PURE__ */ new TextDecoder("utf-8", { fatal: true })

/** The chunks of a body as one. One chunk is not copied. */
export const joined = (body: Uint8Array | readonly Uint8Array[]): Uint8Array => {
  // Not instanceof, which fails for bytes of another realm.
  if (ArrayBuffer.isView(body)) return body
  if (body.length === 1) return body[0] as Uint8Array
  const bytes = new Uint8Array(body.reduce((sum, chunk) => sum + chunk.length, 0))
  let at = 0
  for (const chunk of body) {
    bytes.set(chunk, at)
    at += chunk.length
  }
  return bytes
}

/** No reply of images has as many values. */
const maxMarks = 100_000

/** A reply of millions of small values takes minutes and gigabytes to parse. */
const checkValues = (text: string): void => {
  let marks = 0
  for (let at = 0; at < text.length && text.length > maxMarks; at++) {
    const code = text.charCodeAt(at)
    if ((code === comma || code === openList || code === openObject) && ++marks > maxMarks)
      throw new RangeError("The reply has too many values.")
  }
}

/** The parsed skeleton with its views, in an array; undefined unless each mark occurs once. */
const restored = ({ text, views }: Skeleton): readonly unknown[] | undefined => {
  checkValues(text)
  if (views.length > 0 && text.match(/\u009f|\\u009[fF]/g)?.length !== views.length)
    return undefined
  const root: unknown[] = [JSON.parse(text)]
  const pending: unknown[] = [root]
  let missing = views.length
  // Not recursive: a deeply nested reply must not overflow the stack.
  while (missing > 0 && pending.length > 0) {
    const node = pending.pop() as Record<string, unknown>
    for (const key of Object.keys(node)) {
      const value = node[key]
      if (typeof value === "object" && value !== null) pending.push(value)
      else if (typeof value === "string" && value.startsWith(mark)) {
        node[key] = { base64: views[Number(value.slice(1))] }
        missing--
      }
    }
  }
  return missing === 0 ? root : undefined
}

/**
 * Walks from quote to quote. Keys, short strings and strings that are not base64 stay.
 *
 * @throws TypeError if the skeleton is not UTF-8.
 */
const scan = (bytes: Uint8Array): Skeleton => {
  const source = fastBytes(bytes) ?? bytes
  const views: Uint8Array[] = []
  let text = ""
  let done = 0
  for (let open = source.indexOf(quote); open !== -1; ) {
    const from = open + 1
    const { to, plain } = stringEnd(source, from)
    if (to === -1) break
    const view =
      to - from > shortBytes && !isKey(bytes, to + 1)
        ? base64View(bytes, from, to, plain)
        : undefined
    if (view) {
      text += decoder.decode(bytes.subarray(done, from)) + mark + views.length
      done = to
      views.push(view)
    }
    open = source.indexOf(quote, to + 1)
  }
  return { text: text + decoder.decode(bytes.subarray(done)), views }
}

/** The end of the string from `from` (-1: none), and whether a long one has no escapes. */
const stringEnd = (
  source: Uint8Array | FastBytes,
  from: number,
): { readonly to: number; readonly plain: boolean } => {
  let plain = true
  for (let start = from; start < source.length; start += blockBytes) {
    const block = source.subarray(start, start + blockBytes)
    let end = block.indexOf(quote)
    while (end !== -1 && isEscaped(source, start + end)) end = block.indexOf(quote, end + 1)
    const long = start + (end === -1 ? block.length : end) - from > shortBytes
    if (long && plain) {
      plain = (end === -1 ? block : block.subarray(0, end)).indexOf(backslash) === -1
    }
    if (end !== -1) return { to: start + end, plain }
  }
  return { to: -1, plain }
}

/** The run of backslashes ends at the opening quote at the latest. */
const isEscaped = (source: Uint8Array, at: number): boolean => {
  let start = at
  while (source[start - 1] === backslash) start--
  return (at - start) % 2 === 1
}

const isKey = (bytes: Uint8Array, after: number): boolean => {
  let at = after
  while (bytes[at] === space || bytes[at] === 0x0a || bytes[at] === 0x0d || bytes[at] === 0x09) at++
  return bytes[at] === colon
}

const base64View = (
  bytes: Uint8Array,
  from: number,
  to: number,
  plain: boolean,
): Uint8Array | undefined => {
  if (!plain) return cleanedCopy(bytes.subarray(from - 1, to + 1))
  const start = from + (bytes[from + 4] === colon ? headLength(latin1(bytes, from, from + 256)) : 0)
  const view = new Uint8Array(bytes.buffer, bytes.byteOffset + start, to - start)
  return looksLikeBase64(view) ? view : undefined
}

/** For a string with escapes. One with white space is kept: a text of words would decode, too. */
const cleanedCopy = (literal: Uint8Array): Uint8Array | undefined => {
  const value = String(JSON.parse(decoder.decode(literal)))
  if (/\s/.test(value)) return undefined
  try {
    const text = value.slice(headLength(value.slice(0, 256)))
    standardBase64(text)
    return new TextEncoder().encode(text)
  } catch {
    return undefined
  }
}

/** A wrong guess loses nothing: decoding is strict. */
const looksLikeBase64 = (view: Uint8Array): boolean =>
  view.length % 4 !== 1 && /^[\w+/-]*={0,2}$/.test(sampleOf(view))
