import type { JsonObject } from "../body.ts"
import type { Drawing } from "../drawing/drawing.ts"
import type { Edits } from "../editing/edit.ts"
import type { PixelRule } from "../rules/pixels.ts"
import type { Violation } from "../violations.ts"

/** What became of one picture that was asked for. */
export type Verdict = "delivered" | "filtered" | "failed"

/** A picture on its way into a reply. */
export type Picture = {
  readonly drawing: Drawing
  readonly verdict: Verdict
  readonly base64: string
}

/** A reply of the model itself, before it becomes HTTP: 200 with a body, or a refusal with the words of a ValidationException. */
export type ModelReply = { readonly body: JsonObject } | { readonly refusal: string }

/** One wire format: how its bodies are read and how its replies look. */
export type Family = {
  /** Names the schema that a body is held against. */
  readonly taskOf: (body: JsonObject) => string
  /** What the schema cannot say. */
  readonly rules: (body: JsonObject) => readonly Violation[]
  readonly drawings: (body: JsonObject, context: DrawingContext) => readonly Drawing[]
  readonly reply: (pictures: readonly Picture[]) => JsonObject
  /** Whether the reply carries a picture even where it was filtered (blurred) or failed. */
  readonly returnsWithheld: boolean
  /** How the tasks that start from a picture are emulated. */
  readonly edits: Edits
  /** What is wrong with the pixels of a body's pictures. */
  readonly pixelRule: PixelRule
  /** The colour of the changed area in the mask that the body asks to have returned, if it does. */
  readonly returnedMask: (body: JsonObject) => "black" | "white" | undefined
  readonly filteredPrompt: ModelReply
  readonly filteredInputImage: ModelReply
  /** What a guardrail's intervention leaves of the reply. */
  readonly blocked: JsonObject
}

export type DrawingContext = {
  readonly model: string
  readonly task: string
  readonly randomSeed: () => number
}

/** https://docs.aws.amazon.com/nova/latest/userguide/image-gen-errors.html, seen 2026-11-20 */
export const blockedBy = {
  filters: "This request has been blocked by our content filters.",
  submit: "to submit a new request.",
}
