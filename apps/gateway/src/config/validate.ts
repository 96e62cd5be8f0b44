import { nearest } from "@pictor/core/host"
import type { z } from "zod"
import type { Diagnostics } from "./diagnostics.ts"
import { ignoredSettings, promptsUnchecked } from "./ignored-settings.ts"
import { isKeySection, reportMisplaced } from "./misplaced.ts"
import { isList, isYamlObject, kindOf, withoutNulls, type YamlObject } from "./yaml-object.ts"

export type Environment = Readonly<Record<string, string | undefined>>

export interface ReadContext {
  readonly environment: Environment
  readonly diagnostics: Diagnostics
}

const reference = /^os\.environ\/(.+)$/

const variableOf = (value: unknown): string | undefined =>
  typeof value === "string" ? reference.exec(value.trim())?.[1] : undefined

/** Replaces every `os.environ/NAME`. A missing variable is an issue. */
export const resolveEnvironment = (value: unknown, path: string, context: ReadContext): unknown => {
  if (isList(value))
    return value.map((each, index) => resolveEnvironment(each, `${path}[${index}]`, context))
  if (isYamlObject(value))
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) => [
        key,
        resolveEnvironment(each, `${path}.${key}`, context),
      ]),
    )
  const name = variableOf(value)
  if (name === undefined) return value
  const found = context.environment[name]
  if (found !== undefined && found !== "") return found
  context.diagnostics.issue(
    path,
    `the environment variable ${name} is ${found === undefined ? "not set" : "empty"}; set it, or write the value here`,
  )
  return undefined
}

type SectionName = keyof typeof ignoredSettings

const isNone = (value: unknown): boolean =>
  value === false ||
  (isList(value) && value.length === 0) ||
  (isYamlObject(value) && Object.keys(value).length === 0)

export const checkKeys = (
  object: YamlObject,
  section: SectionName,
  used: readonly string[],
  path: string,
  { diagnostics }: ReadContext,
): void => {
  const reasons = ignoredSettings[section]
  for (const key of Object.keys(object)) {
    if (used.includes(key)) continue
    const reason = reasons.get(key)
    const place = path === "" ? key : `${path}.${key}`
    if (reason !== undefined) {
      if (reason === promptsUnchecked && isNone(object[key])) continue
      diagnostics.ignore(section === "top_level" ? key : `${section}.${key}`, reason)
      continue
    }
    if (reportMisplaced(key, place, diagnostics)) continue
    const [name] = nearest(key, [...used, ...reasons.keys()], 1)
    if (isKeySection(section)) {
      diagnostics.issue(place, `limits nothing here; the nearest name is ${name}`)
      continue
    }
    diagnostics.warn(`${place} is unknown and ignored. The nearest name is ${name}.`)
  }
}

const secret = /key|secret|token|password|database_url|credential/i

const isScalar = (value: unknown): boolean =>
  typeof value === "string" || typeof value === "number" || typeof value === "boolean"

const valueAt = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>((inner, key) => {
    if (isList(inner)) return inner[Number(key)]
    return isYamlObject(inner) ? inner[String(key)] : undefined
  }, value)

const joinPath = (base: string, path: readonly PropertyKey[]): string =>
  path.reduce<string>((text, key) => {
    if (typeof key === "number") return `${text}[${key}]`
    return text === "" ? String(key) : `${text}.${String(key)}`
  }, base)

const reportIssues = (
  issues: readonly z.core.$ZodIssue[],
  object: YamlObject,
  base: string,
  diagnostics: Diagnostics,
): void => {
  for (const { path, message: allowed, code } of issues) {
    const given = valueAt(object, path)
    const place = joinPath(base, path)
    if (given === undefined)
      diagnostics.issue(place, "is missing", code === "invalid_type" ? { allowed } : {})
    else if (variableOf(given) !== undefined)
      diagnostics.issue(place, "invalid value from the environment", { allowed })
    else if (secret.test(place)) diagnostics.issue(place, "invalid value", { allowed })
    else if (isScalar(given)) diagnostics.issue(place, "invalid value", { given, allowed })
    else diagnostics.issue(place, `got ${kindOf(given)}`, { allowed })
  }
}

/** The validated keys of a section. Undefined if any of them has an issue. */
export const readSection = <Shape extends z.ZodObject>(
  value: unknown,
  schema: Shape,
  path: string,
  context: ReadContext,
): z.output<Shape> | undefined => {
  const { diagnostics } = context
  if (!isYamlObject(value)) {
    diagnostics.issue(path, `got ${kindOf(value)}`, { allowed: "a mapping" })
    return undefined
  }
  const used = Object.fromEntries(
    Object.entries(withoutNulls(value)).filter(([key]) => Object.hasOwn(schema.shape, key)),
  )
  const unresolved = new Set<unknown>()
  const resolved = Object.fromEntries(
    Object.entries(used).map(([key, each]) => {
      const before = diagnostics.issues.length
      const found = resolveEnvironment(each, path === "" ? key : `${path}.${key}`, context)
      if (diagnostics.issues.length > before) unresolved.add(key)
      return [key, found]
    }),
  )
  const parsed = schema.safeParse(resolved)
  if (parsed.success) return unresolved.size > 0 ? undefined : parsed.data
  const issues = parsed.error.issues.filter(({ path: [key] }) => !unresolved.has(key))
  reportIssues(issues, used, path, diagnostics)
  return undefined
}

/** A section, with warnings of the keys that it ignores. `nested` are keys that others read. */
export const readSettings = <Shape extends z.ZodObject>(
  file: YamlObject,
  name: Exclude<SectionName, "top_level">,
  schema: Shape,
  context: ReadContext,
  {
    path = name,
    nested = [],
  }: { readonly path?: string; readonly nested?: readonly string[] } = {},
): z.output<Shape> | undefined => {
  const value = file[name] ?? {}
  if (isYamlObject(value))
    checkKeys(withoutNulls(value), name, [...Object.keys(schema.shape), ...nested], path, context)
  return readSection(value, schema, path, context)
}
