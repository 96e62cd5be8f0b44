import type { ImageRequest, JsonObject, ModelCard, Parameter, Task } from "@pictor/core"
import type { TaskCard } from "@pictor/core/adapter"
import type { Context, ExampleRequest } from "./contract.ts"

/** One task of one model, with an example. */
export interface Subject {
  /** Model and task, for messages. */
  readonly label: string
  readonly card: ModelCard
  readonly task: Task
  readonly taskCard: TaskCard
  /** Maximum images per call. */
  readonly limit: number
  /** With model and task, and a seed if the model takes one. */
  readonly request: ImageRequest
}

const usualSeed = 7

export const namesOf = ({ id, aliases = [], callableIds = [] }: ModelCard): readonly string[] => [
  id,
  ...aliases.map((alias) => (typeof alias === "string" ? alias : alias.id)),
  ...callableIds,
]

export const tasksOf = (card: ModelCard): readonly (readonly [Task, TaskCard])[] =>
  Object.entries(card.tasks) as [Task, TaskCard][]

const examplesOf = ({ contract }: Context, task: Task): readonly ExampleRequest[] => {
  const examples = contract.requests[task]
  return examples === undefined ? [] : ([examples].flat() as readonly ExampleRequest[])
}

/** The examples of a model's task. */
export const examplesFor = (
  context: Context,
  card: ModelCard,
  task: Task,
): readonly ExampleRequest[] =>
  examplesOf(context, task).filter(
    ({ model }) => model === undefined || namesOf(card).includes(model),
  )

const seedFor = (parameter: Parameter | undefined): { readonly seed?: number } =>
  parameter?.kind === "seed"
    ? { seed: Math.min(parameter.max, Math.max(parameter.min, usualSeed)) }
    : {}

/** Every task of every model, with each of its examples. */
export const subjectsOf = (context: Context): readonly Subject[] => {
  const { models } = context.contract.create({
    name: "contract",
    invoke: () => Promise.reject(new Error("nothing is sent here")),
  })
  return models.flatMap((card) =>
    tasksOf(card).flatMap(([task, taskCard]) =>
      examplesFor(context, card, task).map((example) => ({
        label: `${card.id}, ${task}`,
        card,
        task,
        taskCard,
        limit: taskCard.imagesPerCall ?? 1,
        request: {
          ...seedFor(taskCard.fields.seed),
          ...example,
          model: card.id,
          task,
        } as ImageRequest,
      })),
    ),
  )
}

const rivals: Readonly<Record<string, readonly string[]>> = {
  size: ["aspectRatio"],
  aspectRatio: ["size"],
  prompt: ["prompts"],
  prompts: ["prompt"],
}

/** The example with other fields, without those that contradict them. undefined removes a field. */
export const requestWith = ({ request }: Subject, fields: JsonObject): ImageRequest => {
  const contradicting = Object.entries(fields).flatMap(([field, value]) =>
    value === undefined
      ? [field]
      : // A tier and an aspect ratio stand beside each other.
        (rivals[field] ?? []).filter((rival) => fields[rival] === undefined),
  )
  const kept = Object.entries({ ...request, ...fields }).filter(
    ([field, value]) => value !== undefined && !contradicting.includes(field),
  )
  return Object.fromEntries(kept) as unknown as ImageRequest
}
