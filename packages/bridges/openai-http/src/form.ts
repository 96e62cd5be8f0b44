import type { JsonObject } from "@pictor/core"
import {
  getMultipartBoundary,
  type MultipartPart,
  parseMultipart,
} from "@remix-run/multipart-parser"
import { exceededBeforeParsing, isJsonObject } from "./json.ts"

const maxParts = 1000
const maxHeaderSize = 16_384
const maxNameLength = 500

// https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#multipart-form-data
const escapes: Readonly<Record<string, string>> = { "%22": '"', "%0D": "\r", "%0A": "\n" }

const nameOf = ({ name }: MultipartPart): string => {
  if (name === undefined) throw new TypeError("A part of the form has no name.")
  return name.replace(/%(?:22|0D|0A)/gi, (found) => escapes[found.toUpperCase()] ?? found)
}

const fileOf = ({ content, mediaType = "" }: MultipartPart): Blob =>
  new Blob(content as Uint8Array<ArrayBuffer>[], { type: mediaType })

/** `a[b][]` → `["a", "b", ""]`, the notation of the published clients for nested values. */
const segmentsOf = (name: string): readonly string[] => {
  const [, head, tail] = /^([^[\]]+)((?:\[[^[\]]*\])*)$/.exec(name) ?? []
  return head === undefined
    ? [name]
    : [head, ...[...(tail ?? "").matchAll(/\[([^[\]]*)\]/g)].map(([, key = ""]) => key)]
}

type Tree = Map<string, Tree | unknown[]>

/** Returns false if a name is both a value and an object. */
const insert = (tree: Tree, [head = "", ...rest]: readonly string[], value: unknown): boolean => {
  const existing = tree.get(head)
  if (rest.length === 0 || (rest.length === 1 && rest[0] === "")) {
    if (existing !== undefined && !Array.isArray(existing)) return false
    if (existing) existing.push(value)
    else tree.set(head, [value])
    return true
  }
  if (Array.isArray(existing)) return false
  const inner: Tree = existing ?? new Map<string, Tree | unknown[]>()
  tree.set(head, inner)
  return insert(inner, rest, value)
}

/** PHP and axios write the elements of a list as `image[0]`, `image[1]`. */
const isIndexed = (tree: Tree): boolean => [...tree.keys()].every((name) => /^\d+$/.test(name))

const toValue = (value: Tree | unknown[], lists: ReadonlySet<string>, path: string): unknown => {
  if (Array.isArray(value)) return lists.has(path) || value.length > 1 ? value : value[0]
  if (!isIndexed(value)) return toFields(value, lists, `${path}.`)
  return [...value]
    .toSorted(([left], [right]) => Number(left) - Number(right))
    .map(([index, each]) => toValue(each, lists, `${path}.${index}`))
}

const toFields = (tree: Tree, lists: ReadonlySet<string>, prefix = ""): JsonObject =>
  Object.fromEntries([...tree].map(([name, value]) => [name, toValue(value, lists, prefix + name)]))

/** Longer ones make the search quadratic: https://www.rfc-editor.org/rfc/rfc2046#section-5.1.1. */
const boundaryPattern = /^[\w'()+,./:=? -]{0,69}[\w'()+,./:=?-]$/

/**
 * The fields of a multipart form. `a[b]` is field `b` of `a`; `a[]`, `a[0]` and a repeated name are
 * lists. Strings stay strings, files are Blobs. Throws if the form is malformed or exceeds a limit.
 */
export const parseForm = (bytes: Uint8Array, contentType: string): JsonObject => {
  const boundary = getMultipartBoundary(contentType)?.trim()
  if (!boundary) throw new TypeError("The content type has no boundary.")
  if (!boundaryPattern.test(boundary)) throw new TypeError("The boundary is malformed.")
  // `readBody` limits the size of the whole body.
  const { byteLength } = bytes
  const limits = { maxParts, maxHeaderSize, maxFileSize: byteLength, maxTotalSize: byteLength }
  const tree: Tree = new Map()
  const lists = new Set<string>()
  for (const part of parseMultipart(bytes, { boundary, ...limits })) {
    const name = nameOf(part)
    if (name.length > maxNameLength) throw new TypeError("A field name is too long.")
    const segments = segmentsOf(name)
    if (segments.length > 1 && segments.at(-1) === "") lists.add(segments.slice(0, -1).join("."))
    if (!insert(tree, segments, part.isFile ? fileOf(part) : part.text))
      throw new TypeError("A field is both a value and an object.")
  }
  return toFields(tree, lists)
}

const number = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]?\d+)?$/i

/** Converts strings of a form that have no schema: numbers, booleans, JSON objects and lists. */
export const typed = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(typed)
  if (isJsonObject(value))
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, typed(each)]))
  if (typeof value !== "string") return value
  const text = value.trim()
  if (text !== "true" && text !== "false" && !number.test(text) && !/^[[{]/.test(text)) return value
  if (exceededBeforeParsing(text) !== undefined) return value
  try {
    return JSON.parse(text)
  } catch {
    return value
  }
}
