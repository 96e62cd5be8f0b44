import { stripTypeScriptTypes } from "node:module"
import { type Node, parse } from "acorn"

/** One fault that can be planted in a source text. */
export interface Fault {
  readonly kind:
    | "equality"
    | "condition"
    | "logic"
    | "default"
    | "statement"
    | "constant"
    | "arguments"
  readonly start: number
  readonly end: number
  /** What replaces the text from `start` to `end`. */
  readonly text: string
}

type Child = Node & Readonly<Record<string, unknown>>
type Rule = (node: Child, source: string) => readonly Fault[]

const isNode = (value: unknown): value is Child =>
  typeof value === "object" && value !== null && typeof (value as Child).type === "string"

const fault = (kind: Fault["kind"], node: Node, text: string): Fault => ({
  kind,
  start: node.start,
  end: node.end,
  text,
})

const swapped: Readonly<Record<string, string>> = {
  "===": "!==",
  "!==": "===",
  "<": "<=",
  "<=": "<",
  ">": ">=",
  ">=": ">",
  "+": "-",
  "-": "+",
  "*": "/",
  "/": "*",
}

const textOf = (source: string, node: Node): string => source.slice(node.start, node.end)

const binary: Rule = (node, source) => {
  const operator = swapped[String(node["operator"])]
  const { left, right } = node
  if (operator === undefined || !isNode(left) || !isNode(right)) return []
  const between = source.slice(left.end, right.start)
  return [
    {
      kind: "equality",
      start: left.end,
      end: right.start,
      text: between.replace(String(node["operator"]), operator),
    },
  ]
}

/** `a && b` and `a || b` lose their second half; `a ?? b` loses its default. */
const logical: Rule = (node, source) => {
  if (!isNode(node["left"])) return []
  const kind = node["operator"] === "??" ? "default" : "logic"
  return [fault(kind, node, textOf(source, node["left"]))]
}

const conditional: Rule = (node) =>
  isNode(node["test"])
    ? [fault("condition", node["test"], "true"), fault("condition", node["test"], "false")]
    : []

const literal: Rule = (node) => {
  const { value } = node
  // One millisecond more of a time limit changes nothing that a test could see.
  if (typeof value === "number")
    return [fault("constant", node, String(value > 100 ? value * 2 : value + 1))]
  if (typeof value === "boolean") return [fault("constant", node, String(!value))]
  return []
}

const expressionStatement: Rule = (node) =>
  "directive" in node ? [] : [fault("statement", node, "{}")]

const call: Rule = (node, source) => {
  const given = (node["arguments"] as readonly Child[] | undefined) ?? []
  const [first, second] = given
  if (!first || !second || first.type === "SpreadElement" || second.type === "SpreadElement")
    return []
  const [one, two] = [textOf(source, first), textOf(source, second)]
  if (one === two) return []
  const between = source.slice(first.end, second.start)
  return [
    { kind: "arguments", start: first.start, end: second.end, text: `${two}${between}${one}` },
  ]
}

const rules: Readonly<Record<string, Rule>> = {
  BinaryExpression: binary,
  LogicalExpression: logical,
  IfStatement: conditional,
  ConditionalExpression: conditional,
  Literal: literal,
  ExpressionStatement: expressionStatement,
  CallExpression: call,
  NewExpression: call,
}

const visit = (node: Child, see: (node: Child) => void): void => {
  see(node)
  for (const value of Object.values(node))
    for (const each of Array.isArray(value) ? (value as unknown[]) : [value])
      if (isNode(each)) visit(each, see)
}

/**
 * Every fault that can be planted in a TypeScript source. Offsets are those of the source itself:
 * types are blanked out, not removed, before it is parsed.
 */
export const faultsOf = (source: string): readonly Fault[] => {
  const javascript = stripTypeScriptTypes(source)
  const faults: Fault[] = []
  const tree = parse(javascript, { ecmaVersion: "latest", sourceType: "module" })
  visit(tree as unknown as Child, (node) => {
    faults.push(...(rules[node.type]?.(node, source) ?? []))
  })
  return faults.filter(({ start, end, text }) => source.slice(start, end) !== text)
}

export const plant = (source: string, { start, end, text }: Fault): string =>
  source.slice(0, start) + text + source.slice(end)
