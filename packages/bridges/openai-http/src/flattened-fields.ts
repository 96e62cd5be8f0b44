import type { JsonObject, ModelCard, Parameter, Task } from "@pictor/core"
import { namedTasks } from "@pictor/core/host"
import { conflicting } from "./errors.ts"
import type { Draft } from "./input-images.ts"
import { isJsonObject } from "./json.ts"
import { parameters } from "./parameters.ts"

interface BodyField {
  readonly task: Task
  readonly path: string
  /** Core's field, or the path of an option. */
  readonly field: string
  readonly kind: Parameter["kind"]
}

const pathsOf = ({ path, pathBeside = {} }: Parameter): readonly string[] => [
  ...(path === undefined ? [] : [path].flat()),
  ...Object.values(pathBeside),
]

const bodyFieldsOf = ({ tasks }: ModelCard): readonly BodyField[] =>
  (Object.keys(tasks) as Task[]).flatMap((task) => {
    const { fields = {}, options = {} } = tasks[task] ?? {}
    return [
      ...Object.entries(fields).flatMap(([field, parameter]) =>
        pathsOf(parameter).map((path) => ({ task, path, field, kind: parameter.kind })),
      ),
      ...Object.entries(options).map(([path, { kind }]) => ({ task, path, field: path, kind })),
    ]
  })

interface Places {
  readonly all: readonly BodyField[]
  readonly named: readonly BodyField[]
  readonly isEdit: boolean
}

type Target = { readonly path: string } | { readonly field: string }

/** The only path of these, or core's field if each path has the same text. */
const onlyTarget = ([first, ...rest]: readonly BodyField[]): Target | undefined => {
  if (!first) return undefined
  if (rest.every(({ path }) => path === first.path)) return { path: first.path }
  const isOneText = [first, ...rest].every(
    ({ field, kind }) => field === first.field && kind === "text",
  )
  return isOneText ? { field: first.field } : undefined
}

/** The place of a field that ends a path of the model's body. In an edit it names a mask's area. */
const targetOf = (name: string, { all, named, isEdit }: Places): Target | undefined => {
  const isTopLevel = all.some(({ path }) => path === name || path.startsWith(`${name}.`))
  if (isTopLevel || Object.hasOwn(parameters.edits, name)) return undefined
  const endsIn = (fields: readonly BodyField[]) =>
    fields.filter(({ path }) => path.endsWith(`.${name}`))
  const target = onlyTarget(endsIn(named)) ?? onlyTarget(endsIn(all))
  if (target || !isEdit) return target
  const [area] = endsIn(all).filter(
    ({ task, field }) => task === "inpaint" && (field === "mask" || field === "maskPrompt"),
  )
  return area && (area.kind === "text" ? { field: area.field } : { path: area.path })
}

/** A copy with a value at the path, or undefined if another value is there. */
const withValue = (
  fields: JsonObject,
  [head = "", ...rest]: readonly string[],
  value: unknown,
): JsonObject | undefined => {
  const existing = fields[head]
  if (rest.length === 0)
    return existing === undefined || existing === value ? { ...fields, [head]: value } : undefined
  const inner = existing === undefined ? {} : isJsonObject(existing) ? existing : undefined
  const changed = inner && withValue(inner, rest, value)
  return changed && { ...fields, [head]: changed }
}

interface Flattened {
  readonly card: ModelCard
  readonly task: unknown
  readonly isEdit: boolean
}

/**
 * Moves top-level fields such as `negativeText` and `cfgScale` to their path in the model's body.
 * LiteLLM's clients send them flattened: https://github.com/BerriAI/litellm, seen 2026-11-21.
 */
export const nestFlattenedFields = (
  own: JsonObject,
  { card, task, isEdit }: Flattened,
  { fields, issues }: Draft,
): JsonObject => {
  const all = bodyFieldsOf(card)
  const tasks: readonly unknown[] = task === undefined ? namedTasks(own, card) : [task]
  const named = all.filter((each) => tasks.includes(each.task))
  let nested = own
  for (const [name, value] of Object.entries(own)) {
    const target = targetOf(name, { all, named, isEdit })
    if (!target) continue
    const { [name]: _moved, ...others } = nested
    nested = others
    if ("path" in target) {
      const changed = withValue(others, target.path.split("."), value)
      if (changed) nested = changed
      else issues.push(conflicting(name, target.path))
    } else if ((fields[target.field] ?? value) === value) fields[target.field] = value
    else issues.push(conflicting(name, target.field))
  }
  return nested
}
