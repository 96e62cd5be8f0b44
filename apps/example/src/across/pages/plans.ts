import { isDeepStrictEqual } from "node:util"
import {
  createPictor,
  type Estimate,
  formatUsd,
  type ImageAdapter,
  isImageError,
  type LifecycleStatus,
  type Plan,
  type Task,
} from "@pictor/core"
import { flux } from "@pictor/flux"
import { geminiImage } from "@pictor/gemini-image"
import { openaiImages, xaiImages } from "@pictor/openai-images"
import { changeText } from "@pictor/terminal"
import { familiesOn, nowhere } from "../families.ts"
import { quickImages } from "../pictures.ts"

const adapters: readonly ImageAdapter[] = [
  ...familiesOn(nowhere),
  openaiImages(nowhere),
  xaiImages(nowhere),
  geminiImage(nowhere),
  flux(nowhere),
]

/** The day of the generated pages: lifecycles and prices are those of this day. */
export const plannedOn = "2026-12-01"

const runtime = {
  now: () => Date.parse(`${plannedOn}T00:00:00Z`),
  random: () => 0.5,
  sleep: () => Promise.resolve(),
}
const pictor = createPictor({ adapters, imageOps: quickImages, runtime })

/** Without the prices that no page of the provider states. */
const stated = createPictor({
  adapters: adapters.map((adapter) => ({
    ...adapter,
    models: adapter.models.map((card) => ({
      ...card,
      prices: card.prices.filter(({ inferred }) => inferred !== true),
    })),
  })),
  imageOps: quickImages,
  runtime,
})
const statuses: readonly LifecycleStatus[] = ["active", "preview", "legacy", "retired"]

/** Every model with its status on `plannedOn`: the live ones first. */
export const models = adapters
  .flatMap(({ models: cards }) => cards)
  .map((card) => ({ card, status: pictor.model(card.id).lifecycle }))
  .toSorted((one, other) => statuses.indexOf(one.status) - statuses.indexOf(other.status))

export type Model = (typeof models)[number]

interface Planned {
  readonly model: Model
  /** Absent where the model rejects the request. */
  readonly plan?: Plan
  /** No page of the provider states the price. */
  readonly inferred?: boolean
  /** Why the model rejects the request. */
  readonly rejection?: string
}

/** Plans a request for one model. */
const planFor = async (model: Model, request: object): Promise<Planned> => {
  try {
    const whole = { ...request, model: model.card.id }
    const plan = await pictor.plan(whole)
    const { estimate } = await stated.plan(whole)
    return { model, plan, inferred: !isDeepStrictEqual(plan.estimate, estimate) }
  } catch (error) {
    if (!isImageError(error)) throw error
    return { model, rejection: error.message }
  }
}

export interface Asked {
  readonly task: Task
  readonly [field: string]: unknown
}

/** Plans a request for each of the models that have its task, in their order. */
export const planAll = (some: readonly Model[], request: Asked): Promise<readonly Planned[]> =>
  Promise.all(
    some
      .filter(({ card }) => card.tasks[request.task] !== undefined)
      .map((model) => planFor(model, request)),
  )

/** A request as JSON, with image bytes shortened. */
export const requestText = (request: Asked): string =>
  JSON.stringify(
    Object.fromEntries(
      Object.entries(request).map(([field, value]) => [
        field,
        value instanceof Uint8Array ? "(image)" : value,
      ]),
    ),
  )

const longestText = 100

const shorten = (_: string, value: unknown): unknown =>
  typeof value === "string" && value.length > longestText ? "(image)" : value

/** The bodies of a plan's calls as JSON, with image bytes shortened. */
export const bodiesText = ({ calls }: Plan): string =>
  calls.map(({ body }) => JSON.stringify(body, shorten)).join(" ")

export const changesText = ({ changes }: Plan): string =>
  changes.map((change) => `${change.action}: ${changeText(change)}`).join("; ") || "none"

/** The estimate, with what such a request usually costs where the card says so. */
export const priceText = ({ estimate }: Plan, inferred = false): string =>
  `${estimateText(estimate)}${inferred ? " (inferred)" : ""}`

const estimateText = (estimate: Estimate): string => {
  const cost = formatUsd(estimate)
  if (estimate.basis === undefined) return cost
  const usual = estimate.likelyMicroUsd
  const likely =
    usual === undefined ? "" : `, usually ${formatUsd({ ...estimate, microUsd: usual })}`
  return `at most ${cost}${likely}`
}

/** A table in Markdown. */
export const tableText = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => "---"), ...rows]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`)
    .join("\n")
