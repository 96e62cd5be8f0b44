import { type Image, type ImageError, isImageError, type Plan, type Slot } from "@pictor/core"
import type { Choice } from "./choice.ts"

/** One model's order before it is sent. */
export interface Order {
  readonly choice: Choice
  /** Absent where it was refused. */
  readonly plan?: Plan
  readonly refusal?: ImageError
}

/** A delivered picture as it was saved. */
export interface Picture {
  readonly image: Image
  readonly sha256: string
  /** Inside the output folder; absent where it could not be written. */
  readonly file?: string
}

/** What an ordered picture came to. */
export interface Part {
  readonly slot: Slot
  readonly picture?: Picture
}

/** What became of one model's order. */
export interface Outcome extends Order {
  readonly parts: readonly Part[]
  readonly warnings: readonly string[]
  readonly timeMs?: number
  /** Why not everything came, each once. */
  readonly problems: readonly string[]
}

/** Is it all there, and saved? */
export const isWhole = ({ parts, problems }: Outcome): boolean =>
  problems.length === 0 &&
  parts.length > 0 &&
  parts.every(({ slot }) => slot.status === "delivered")

export const picturesOf = (outcomes: readonly Outcome[]): readonly Picture[] =>
  outcomes.flatMap(({ parts }) => parts.flatMap(({ picture }) => picture ?? []))

/** How many pictures were ordered. */
export const orderedOf = (outcomes: readonly Outcome[]): number =>
  outcomes.reduce((sum, { plan }) => sum + (plan?.n ?? 1), 0)

/** Some messages begin with the model's name, which stands beside them anyway. */
export const problemText = ({ code, message }: ImageError): string =>
  `${code}: ${message.replace(/^[\w.:-]+: /, "")}`

const problemOfSlot = (slot: Slot): readonly string[] => {
  if (slot.status === "failed") return [problemText(slot.error)]
  if (slot.status === "filtered") return [`filtered (${slot.stage}): ${slot.reason}`]
  return []
}

/** The reasons why slots are empty, and the whole order's own where no slot has one. */
export const problemsOf = (slots: readonly Slot[], error: unknown): readonly string[] => {
  const problems = new Set(slots.flatMap(problemOfSlot))
  if (problems.size === 0 && isImageError(error)) problems.add(problemText(error))
  return [...problems]
}

/** Did AWS refuse, or never see, every identity that there was? */
export const lacksCredentials = ({ parts }: Outcome): boolean =>
  parts.some(({ slot }) => slot.status === "failed" && slot.error.code === "unauthenticated")
