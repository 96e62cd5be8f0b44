import type { FieldName, JsonObject, Parameter } from "@pictor/core"
import type { TaskCard } from "@pictor/core/adapter"
import { inputNames } from "@pictor/core/host"
import { merged, nested } from "./body.ts"
import type { Context } from "./contract.ts"
import { inputSamplesOf, sideOf } from "./input-samples.ts"
import { requestWith, type Subject, subjectsOf } from "./subject.ts"

/** An input, or a part of one: `"garment.class"`. */
interface Leaf {
  readonly name: string
  readonly parameter: Parameter
}

/** A request that the kit makes from the card: the example with other inputs. */
export interface InputCase {
  readonly label: string
  readonly subject: Subject
  readonly fields: JsonObject
  /** Its inputs by name, as requested and as sent. */
  readonly inputs: Readonly<
    Record<
      string,
      { readonly parameter: Parameter; readonly requested: unknown; readonly sent: unknown }
    >
  >
}

/** The inputs that a card may have. `references` are its `images`, with roles. */
export const cardInputs = inputNames.filter((name) => name !== "references")

const leavesOf = ({ fields }: TaskCard): readonly Leaf[] =>
  cardInputs.flatMap((name) => {
    const parameter = fields[name]
    if (parameter?.kind !== "object") return parameter ? [{ name, parameter }] : []
    return Object.entries(parameter.fields).map(([part, inner]) => ({
      name: `${name}.${part}`,
      parameter: inner,
    }))
  })

const headOf = (name: string): FieldName => (name.split(".")[0] ?? "") as FieldName

type Group = readonly string[]

const isIn = (group: Group, name: string): boolean =>
  group.includes(name) || group.includes(headOf(name))

/**
 * Sets of inputs that the card allows: the required ones, alone and with one more input each.
 */
const choicesOf = (task: TaskCard): readonly (readonly string[])[] => {
  const leaves = leavesOf(task)
  const groups: readonly Group[] = task.oneOf ?? []
  const namesIn = (group: Group): readonly string[] =>
    leaves.flatMap(({ name }) => (isIn(group, name) ? [name] : []))
  /** With the required parts of its object. */
  const whole = (name: string): readonly string[] => {
    const parts = leaves.filter(
      (leaf) => leaf.name !== name && headOf(leaf.name) === headOf(name) && leaf.parameter.required,
    )
    return [...parts.map((leaf) => leaf.name), name]
  }
  const needed = cardInputs.flatMap((head) => {
    const own = leaves.filter(
      ({ name }) => headOf(name) === head && !groups.some((group) => isIn(group, name)),
    )
    const [first] = own
    return task.fields[head]?.required && first
      ? whole((own.find(({ parameter }) => parameter.required) ?? first).name)
      : []
  })
  const least = [...needed, ...groups.flatMap((group) => namesIn(group).slice(0, 1).flatMap(whole))]
  const chosen = (name: string): readonly string[] => {
    const group = groups.find((each) => isIn(each, name)) ?? []
    return [...least.filter((each) => !isIn(group, each)), ...whole(name)]
  }
  const more = leaves.flatMap(({ name, parameter: { pathBeside } }) => {
    if (least.includes(name)) return []
    return pathBeside
      ? Object.keys(pathBeside).map((beside) => [...chosen(beside), name])
      : [chosen(name)]
  })
  const all = [least, ...more].map((names) => [...new Set(names)])
  return least.length > 0 || more.length > 0 ? all : []
}

const inputCaseOf = (subject: Subject, names: readonly string[], nth: number): InputCase => {
  const { taskCard } = subject
  const side = sideOf(taskCard)
  const inputs = names.flatMap((name) => {
    const parameter = leavesOf(taskCard).find((leaf) => leaf.name === name)?.parameter
    const samples = parameter ? inputSamplesOf(parameter, name, side) : []
    const sample = samples[Math.min(nth, samples.length - 1)]
    return parameter && sample ? [[name, { parameter, ...sample }] as const] : []
  })
  const none = Object.fromEntries([...cardInputs, "options"].map((name) => [name, undefined]))
  const requested = inputs.reduce<JsonObject>(
    (all, [name, sample]) => merged(all, nested(name, sample.requested)),
    {},
  )
  return {
    label: `${subject.label} with ${names.join(", ")}`,
    subject,
    fields: { ...none, ...requested },
    inputs: Object.fromEntries(inputs),
  }
}

const samplesIn = (task: TaskCard, names: readonly string[]): number =>
  Math.max(
    1,
    ...leavesOf(task).flatMap(({ name, parameter }) =>
      names.includes(name) ? inputSamplesOf(parameter, name, 1).length : [],
    ),
  )

/** The first example of every model and task. */
export const firstSubjects = (context: Context): readonly Subject[] => {
  const seen = new Set<string>()
  return subjectsOf(context).filter(({ label }) => !seen.has(label) && seen.add(label))
}

/** Cases with every input of every task. */
export const inputCasesOf = (context: Context): readonly InputCase[] =>
  firstSubjects(context).flatMap((subject) =>
    choicesOf(subject.taskCard).flatMap((names) =>
      Array.from({ length: samplesIn(subject.taskCard, names) }, (_, nth) =>
        inputCaseOf(subject, names, nth),
      ),
    ),
  )

/** The case with the required inputs only. */
export const minimalCase = (subject: Subject): InputCase | undefined => {
  const [least] = choicesOf(subject.taskCard)
  return least && inputCaseOf(subject, least, 0)
}

export const requestOf = ({ subject, fields }: InputCase, more: JsonObject = {}) =>
  requestWith(subject, { ...fields, ...more })
