import type { ModelCard, Parameter, TaskCard } from "../contract/card.ts"
import type { Resolved } from "../contract/plan.ts"
import type { ImageRequest, Loose } from "../contract/request.ts"
import { lifecycleOn } from "../models/lifecycle.ts"
import { neutralRange, parametersOf, round6, standardOf } from "../models/neutral.ts"
import { writtenOut } from "../sending/recipe.ts"
import { defined } from "../tools/defined.ts"
import { memo } from "../tools/memo.ts"
import { callSeeds } from "./call-seeds.ts"
import type { Fitted, PlanningRules } from "./planner.ts"
import { isOnGrid, parseSize } from "./sizes.ts"

/** The settings that are fitted to a model. */
export const fittedNames = ["quality", "guidance", "steps", "style", "outputFormat", "strength", "controlStrength"] as const

const texts = ["prompt", "negativePrompt"]

const others = [...texts, "prompts", "size", "aspectRatio", "seed", "n"]

const task = "text-to-image"

const isWhole = (value: unknown, min: number, max: number): boolean => Number.isInteger(value) && (value as number) >= min && (value as number) <= max

const isInRange = (value: unknown, [min, max]: readonly [number, number]): boolean =>
  typeof value === "number" && value >= min && value <= max && round6(value) === value

/** Is it to the letter what the parameter takes? */
const takes = (parameter: Parameter, value: unknown): boolean => {
  const { kind } = parameter
  if (kind === "text") return typeof value === "string" && value !== "" && (parameter.min ?? 0) < 2 && value.length <= parameter.max
  if (kind === "enum" || kind === "sizes" || kind === "ratios") return parameter.values.includes(value as string)
  if (kind === "seed") return isWhole(value, parameter.min, parameter.max) && (value !== 0 || parameter.zero === "literal")
  if (kind === "range") return isInRange(value, neutralRange(parameter)) && (!parameter.integer || Number.isInteger(value))
  return kind === "grid" && isOnGrid(parameter, value)
}

/** The parameters of a task that is words and settings alone. */
const settingsOf = memo(({ oneOf, ...taskCard }: TaskCard): Readonly<Record<string, Parameter>> | undefined => {
  const parameters = parametersOf(taskCard)
  const names: readonly string[] = [...others, ...fittedNames]
  const isPlain = Object.entries(parameters).every(([name, { wires }]) => names.includes(name) && !wires)
  return isPlain && !oneOf && !(parameters["size"] && parameters["aspectRatio"]) ? parameters : undefined
})

const resolvedOf = (parameters: Readonly<Record<string, Parameter>>, given: Loose): Resolved => {
  const resolved: Record<string, unknown> = {}
  for (const name of [...texts, "size", "aspectRatio", ...fittedNames]) {
    const parameter = parameters[name]
    if (!parameter) continue
    const value = given[name] ?? (texts.includes(name) ? undefined : standardOf(parameter))
    if (value !== undefined) resolved[name] = name === "size" ? parseSize(value) : value
  }
  return resolved
}

/**
 * A text to image that its model takes as it is; undefined where anything is to be read, adapted, told or refused. What it comes to is what `fit`
 * would make of it.
 */
export const asItIs = (request: ImageRequest, card: ModelCard, date: string, { maxImages, runtime }: PlanningRules): Fitted | undefined => {
  const { model: _, modelId, policy = "adapt", task: asked = task, n = 1, ...given } = defined(request) as ImageRequest & Loose
  const taskCard = card.tasks[task]
  const parameters = taskCard && settingsOf(taskCard)
  const isPlain =
    parameters &&
    asked === task &&
    lifecycleOn(card, date) === "active" &&
    (modelId === undefined || (typeof modelId === "string" && modelId !== "")) &&
    ["adapt", "strict"].includes(policy) &&
    isWhole(n, 1, Math.min(maxImages, taskCard.imagesPerCall ?? 1)) &&
    given.prompt !== undefined &&
    Object.entries(given).every(([name, value]) => Object.hasOwn(parameters, name) && takes(parameters[name] as Parameter, value))
  if (!isPlain) return undefined
  const resolved = resolvedOf(parameters, given)
  return {
    task,
    n,
    resolved,
    outputSize: resolved.size,
    options: {},
    split: [n],
    seeds: callSeeds(taskCard, given.seed, 1, runtime.random),
    recipe: writtenOut(task, resolved),
  }
}
