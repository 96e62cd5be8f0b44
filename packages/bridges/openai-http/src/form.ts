import type { Part } from "./multipart.ts"
import { type Fields, isFields } from "./values.ts"

/** `a[b][]` → `["a", "b", ""]`, as the published clients write nested values. */
const segmentsOf = (name: string): readonly string[] => {
  const [, head, tail] = /^([^[\]]+)((?:\[[^[\]]*\])*)$/.exec(name) ?? []
  return head === undefined
    ? [name]
    : [head, ...[...(tail ?? "").matchAll(/\[([^[\]]*)\]/g)].map(([, key = ""]) => key)]
}

type Tree = Map<string, Tree | unknown[]>

const put = (tree: Tree, [head = "", ...rest]: readonly string[], value: unknown): boolean => {
  const known = tree.get(head)
  if (rest.length === 0 || (rest.length === 1 && rest[0] === "")) {
    if (known !== undefined && !Array.isArray(known)) return false
    if (known) known.push(value)
    else tree.set(head, [value])
    return true
  }
  if (Array.isArray(known)) return false
  const inner: Tree = known ?? new Map<string, Tree | unknown[]>()
  tree.set(head, inner)
  return put(inner, rest, value)
}

const toFields = (tree: Tree, lists: ReadonlySet<string>, prefix: string): Fields =>
  Object.fromEntries(
    [...tree].map(([name, value]) => {
      const path = prefix + name
      if (!Array.isArray(value)) return [name, toFields(value, lists, `${path}.`)]
      return [name, lists.has(path) || value.length > 1 ? value : value[0]]
    }),
  )

const longestName = 500

/**
 * The fields of a multipart form: `a[b]` is a field of `a`, `a[]` a list, a name that comes several times a list as well. Texts stay texts.
 * Undefined where a name is a value and an object at once, or endless.
 */
export const fieldsOfForm = (form: readonly Part[]): Fields | undefined => {
  const tree: Tree = new Map()
  const lists = new Set<string>()
  for (const [name, value] of form) {
    if (name.length > longestName) return undefined
    const segments = segmentsOf(name)
    if (segments.length > 1 && segments.at(-1) === "") lists.add(segments.slice(0, -1).join("."))
    if (!put(tree, segments, value)) return undefined
  }
  return toFields(tree, lists, "")
}

const number = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]?\d+)?$/i

const ofJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** What a form's text means where nothing says its type: numbers, true and false, objects and lists in JSON, else the text. */
export const typed = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(typed)
  if (isFields(value))
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, typed(each)]))
  if (typeof value !== "string") return value
  const text = value.trim()
  return text === "true" || text === "false" || number.test(text) || /^[[{]/.test(text)
    ? ofJson(text)
    : value
}
