import {
  type Cost,
  type Image,
  type ImageError,
  isImageError,
  type Plan,
  type Slot,
} from "@pictor/core"
import { sumCosts } from "@pictor/terminal"
import type { Choice } from "./choice.ts"

/** One model's order before it is sent. */
export interface Order {
  readonly choice: Choice
  /** Absent if the request was rejected. */
  readonly plan?: Plan
  readonly refusal?: ImageError
}

/** A delivered picture as it was saved. */
export interface Picture {
  readonly image: Image
  readonly sha256: string
  /** Inside the output folder. Absent if it could not be written. */
  readonly file?: string
}

/** The outcome of one ordered picture. */
export interface Part {
  readonly slot: Slot
  readonly picture?: Picture
}

/** The outcome of one model's order. */
export interface Outcome extends Order {
  readonly parts: readonly Part[]
  readonly warnings: readonly string[]
  readonly timeMs?: number
  /** The reasons for missing pictures, each once. */
  readonly problems: readonly string[]
}

/** Whether every picture was delivered and saved. */
export const isWhole = ({ parts, problems }: Outcome): boolean =>
  problems.length === 0 &&
  parts.length > 0 &&
  parts.every(({ slot }) => slot.status === "delivered")

export const picturesOf = (outcomes: readonly Outcome[]): readonly Picture[] =>
  outcomes.flatMap(({ parts }) => parts.flatMap(({ picture }) => picture ?? []))

export const costOfAll = (outcomes: readonly Outcome[]): Cost =>
  sumCosts(outcomes.flatMap(({ parts }) => parts.map(({ slot }) => slot.cost)))

/** The bound of an order that was sent, where its cost is another. */
export const boundOf = (outcome: Outcome): Cost | undefined => {
  const { plan, timeMs } = outcome
  if (timeMs === undefined || plan?.estimate.basis === undefined) return undefined
  const { microUsd, maybeMicroUsd, unpricedImages } = costOfAll([outcome])
  const differs = microUsd !== plan.estimate.microUsd || maybeMicroUsd > 0 || unpricedImages > 0
  return differs ? plan.estimate : undefined
}

/** The number of ordered pictures. */
export const orderedOf = (outcomes: readonly Outcome[]): number =>
  outcomes.reduce((sum, { plan }) => sum + (plan?.n ?? 1), 0)

/** Removes the model's name from the start of a message that is shown beside it. */
export const problemText = ({ code, message }: ImageError): string =>
  `${code}: ${message.replace(/^[\w.:-]+: /, "")}`

const problemOfSlot = (slot: Slot): readonly string[] => {
  if (slot.status === "failed") return [problemText(slot.error)]
  if (slot.status === "filtered") return [`filtered (${slot.stage}): ${slot.reason}`]
  return []
}

/** The reasons for empty slots, or that of the whole order if no slot has one. */
export const problemsOf = (slots: readonly Slot[], error: unknown): readonly string[] => {
  const problems = new Set(slots.flatMap(problemOfSlot))
  if (problems.size === 0 && isImageError(error)) problems.add(problemText(error))
  return [...problems]
}

/** Whether every call failed for want of accepted credentials. */
export const lacksCredentials = ({ parts }: Outcome): boolean =>
  parts.some(({ slot }) => slot.status === "failed" && slot.error.code === "unauthenticated")
