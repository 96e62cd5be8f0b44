import { mark, type Skeleton, scan } from "./lift-scan.ts"

/**
 * Parses a JSON reply without touching its images: a string value of more than 1024 bytes that is base64 becomes `{ base64 }`, a view on the reply's
 * bytes (behind a data URL's head; a cleaned copy where it has escapes), and only the rest goes through `JSON.parse`. All else is as `JSON.parse` has it.
 * A long string is looked at in places only; whoever decodes it finds out. {@link textOf} gives back the text of one that was meant as words.
 *
 * @param body One chunk is not copied, several are joined once.
 * @throws SyntaxError that does not quote the reply, where it is not JSON in UTF-8.
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

/** A string of a lifted reply, whether or not it was taken for an image; undefined for anything else. */
export const textOf = (value: unknown): string | undefined => {
  if (typeof value === "string") return value
  const lifted =
    typeof value === "object" && value !== null && "base64" in value ? value.base64 : undefined
  return ArrayBuffer.isView(lifted) ? new TextDecoder().decode(lifted) : undefined
}

const joined = (body: Uint8Array | readonly Uint8Array[]): Uint8Array => {
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

/** The parsed skeleton with its views in place, in an array of its own; undefined unless every mark is ours and is found exactly once. */
const restored = ({ text, views }: Skeleton): readonly unknown[] | undefined => {
  if (views.length > 0 && text.match(/\u009f|\\u009[fF]/g)?.length !== views.length)
    return undefined
  const root: unknown[] = [JSON.parse(text)]
  const pending: unknown[] = [root]
  let missing = views.length
  // A stack of our own: a deeply nested reply must not overflow the engine's.
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
