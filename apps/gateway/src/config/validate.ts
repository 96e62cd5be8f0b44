import { nearest } from "@pictor/core/host"
import type { z } from "zod"
import { type Environment, isReference, withEnvironment } from "./environment.ts"
import { noEffect } from "./ignored-settings.ts"
import type { Report } from "./report.ts"
import { isTree, kindOf, type Tree, withoutBlanks } from "./yaml-object.ts"

export interface Reading {
  readonly environment: Environment
  readonly report: Report
}

type SectionName = keyof typeof noEffect

/** Says which keys mean nothing here, and which nobody knows. */
export const checkKeys = (
  tree: Tree,
  name: SectionName,
  used: readonly string[],
  path: string,
  report: Report,
): void => {
  const known: Readonly<Record<string, string>> = noEffect[name]
  for (const key of Object.keys(tree)) {
    if (used.includes(key)) continue
    const why = Object.hasOwn(known, key) ? known[key] : undefined
    if (why === undefined) {
      const like = nearest(key, [...used, ...Object.keys(known)], 1)
      report.warn(
        `${path === "" ? key : `${path}.${key}`} is unknown and has no effect; the nearest name is ${like.join(", ")}.`,
      )
    } else report.ineffective(name === "the top level" ? key : `${name}.${key}`, why)
  }
}

const secret = /key|secret|token|password|database_url|credential/i

const isScalar = (value: unknown): boolean =>
  typeof value === "string" || typeof value === "number" || typeof value === "boolean"

const at = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (inner, key) =>
      Array.isArray(inner) ? inner[Number(key)] : isTree(inner) ? inner[String(key)] : undefined,
    value,
  )

const pathOf = (base: string, path: readonly PropertyKey[]): string =>
  path.reduce<string>(
    (text, key) =>
      typeof key === "number"
        ? `${text}[${key}]`
        : text === ""
          ? String(key)
          : `${text}.${String(key)}`,
    base,
  )

const reportIssues = (
  issues: readonly z.core.$ZodIssue[],
  tree: Tree,
  base: string,
  report: Report,
): void => {
  for (const { path, message, code } of issues) {
    const given = at(tree, path)
    const where = pathOf(base, path)
    if (given === undefined) {
      report.problem(where, "is missing", code === "invalid_type" ? { allowed: message } : {})
      continue
    }
    const shown = isReference(given)
      ? "the environment's value"
      : secret.test(where)
        ? undefined
        : isScalar(given)
          ? given
          : kindOf(given)
    report.problem(where, "cannot be used", {
      allowed: message,
      ...(shown === undefined ? {} : { given: shown }),
    })
  }
}

/** The keys of a section that are used, checked. Undefined where something is wrong, which is reported. */
export const readSection = <Shape extends z.ZodObject>(
  value: unknown,
  schema: Shape,
  path: string,
  reading: Reading,
): z.output<Shape> | undefined => {
  const { environment, report } = reading
  if (!isTree(value)) {
    report.problem(path, `is ${kindOf(value)}`, { allowed: "a mapping" })
    return undefined
  }
  const own = withoutBlanks(value)
  const used = Object.fromEntries(
    Object.entries(own).filter(([key]) => Object.hasOwn(schema.shape, key)),
  )
  const before = report.problems.length
  const missing = new Set<string>()
  const resolved = Object.fromEntries(
    Object.entries(used).map(([key, each]) => {
      const sofar = report.problems.length
      const found = withEnvironment(each, path === "" ? key : `${path}.${key}`, environment, report)
      if (report.problems.length > sofar) missing.add(key)
      return [key, found]
    }),
  )
  const parsed = schema.safeParse(resolved)
  if (parsed.success) return report.problems.length > before ? undefined : parsed.data
  const issues = parsed.error.issues.filter(({ path: [key] }) => !missing.has(String(key)))
  reportIssues(issues, used, path, report)
  return undefined
}

/** A section of the top level: its keys too. */
export const readSettings = <Shape extends z.ZodObject>(
  tree: Tree,
  name: Exclude<SectionName, "the top level">,
  schema: Shape,
  reading: Reading,
): z.output<Shape> | undefined => {
  const value = tree[name] ?? {}
  if (isTree(value))
    checkKeys(withoutBlanks(value), name, Object.keys(schema.shape), name, reading.report)
  return readSection(value, schema, name, reading)
}
