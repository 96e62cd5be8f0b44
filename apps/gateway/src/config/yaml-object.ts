/** A mapping as YAML gives it. */
export type Tree = Readonly<Record<string, unknown>>

export const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value)

export const isTree = (value: unknown): value is Tree =>
  typeof value === "object" && value !== null && !isList(value)

/** A key without a value is as good as absent. */
export const withoutBlanks = (tree: Tree): Tree =>
  Object.fromEntries(
    Object.entries(tree).filter(([, value]) => value !== null && value !== undefined),
  )

/** What to call a value of the wrong kind; never the value. */
export const kindOf = (value: unknown): string =>
  isList(value) ? "a list" : isTree(value) ? "a mapping" : `a ${typeof value}`
