import type { ModelCard, Parameter, TaskCard } from "../contract/card.ts"
import type { Resolved } from "../contract/plan.ts"
import type { ImageRequest, JsonObject } from "../contract/request.ts"
import { lifecycleOn } from "../models/lifecycle.ts"
import { neutralRange, parametersOf, round6, standardOf } from "../models/neutral.ts"
import { writtenOut } from "../sending/recipe.ts"
import { memo } from "../tools/memo.ts"
import { callSeeds } from "./call-seeds.ts"
import type { Fitted, PlanningRules } from "./planner.ts"
import { isOnGrid, parseSize } from "./sizes.ts"

/** The settings that are fitted to a model. */
export const fittedNames = [
  "quality",
  "guidance",
  "steps",
  "style",
  "outputFormat",
  "strength",
  "controlStrength",
] as const

type Parameters = Readonly<Record<string, Parameter>>

/** What a text to image is made of, in the order of a plan's fields. */
const kinds: Readonly<Record<string, readonly Parameter["kind"][]>> = {
  prompt: ["text"],
  prompts: ["prompts"],
  negativePrompt: ["text"],
  size: ["sizes", "grid"],
  aspectRatio: ["ratios"],
  ...Object.fromEntries(fittedNames.map((name) => [name, ["range", "enum"]])),
  seed: ["seed"],
  n: ["count"],
}

const task = "text-to-image"

const modelName: Parameter = { kind: "text", max: Number.POSITIVE_INFINITY }

/** What concerns no card. */
const common: Parameters = {
  model: modelName,
  modelId: modelName,
  task: { kind: "enum", values: [task] },
  policy: { kind: "enum", values: ["adapt", "strict"] },
}

const isInRange = (
  value: unknown,
  [min, max]: readonly [number, number],
  isWhole = false,
): boolean =>
  typeof value === "number" &&
  value >= min &&
  value <= max &&
  (isWhole ? Math.round(value) : round6(value)) === value

/** Is it to the letter what the parameter takes? */
const takes = (parameter: Parameter, value: unknown): boolean => {
  const { kind } = parameter
  // Of surrogates two make one character: a text that must have two or more, or nears its end, is counted where it is fitted.
  if (kind === "text")
    return (
      typeof value === "string" &&
      value !== "" &&
      (parameter.min ?? 0) < 2 &&
      value.length <= parameter.max
    )
  if (kind === "enum" || kind === "sizes" || kind === "ratios")
    return parameter.values.includes(value as string)
  if (kind === "seed")
    return (
      isInRange(value, [parameter.min, parameter.max], true) &&
      (value !== 0 || parameter.zero === "literal")
    )
  if (kind === "range") return isInRange(value, neutralRange(parameter), parameter.integer)
  return kind === "grid" && isOnGrid(parameter, value)
}

/** What a task takes that is words and settings alone, each of the kind that is fitted. */
const takenOf = memo(({ oneOf, ...taskCard }: TaskCard): Parameters | undefined => {
  const parameters = parametersOf(taskCard)
  const isPlain = Object.entries(parameters).every(
    ([name, { kind, pathBeside: wires }]) => kinds[name]?.includes(kind) && !wires,
  )
  return isPlain && !oneOf && !(parameters["size"] && parameters["aspectRatio"])
    ? { ...parameters, ...common }
    : undefined
})

const resolvedOf = (parameters: Parameters, given: JsonObject): Resolved => {
  const resolved: Record<string, unknown> = {}
  for (const name of Object.keys(kinds)) {
    const parameter = parameters[name]
    if (!parameter || ["prompts", "seed", "count"].includes(parameter.kind)) continue
    const value = given[name] ?? (parameter.kind === "text" ? undefined : standardOf(parameter))
    if (value !== undefined) resolved[name] = name === "size" ? parseSize(value) : value
  }
  return resolved
}

/**
 * A text to image that its model takes as it is; undefined where anything is to be read, adapted, told or refused. What it comes to is what `fit`
 * would make of it.
 */
export const asItIs = (
  asked: ImageRequest,
  card: ModelCard,
  date: string,
  { maxImages, runtime }: PlanningRules,
): Fitted | undefined => {
  const request = asked as ImageRequest & JsonObject
  const taskCard = card.tasks[task]
  const taken = taskCard && takenOf(taskCard)
  const { n = 1, seed } = request
  if (!taken || request.prompt === undefined || lifecycleOn(card, date) !== "active")
    return undefined
  if (!isInRange(n, [1, Math.min(maxImages, taskCard.imagesPerCall ?? 1)], true)) return undefined
  for (const field of Object.keys(request)) {
    const value = request[field]
    if (
      value !== undefined &&
      field !== "n" &&
      !(Object.hasOwn(taken, field) && takes(taken[field] as Parameter, value))
    )
      return undefined
  }
  const resolved = resolvedOf(taken, request)
  return {
    task,
    n,
    resolved,
    outputSize: resolved.size,
    options: {},
    split: [n],
    seeds: callSeeds(taskCard, seed, 1, runtime.random),
    recipe: writtenOut(task, resolved),
  }
}
