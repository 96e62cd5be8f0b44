import type { Drawing, JsonObject } from "@pictor/emulator-kit"
import type { BilledTokens } from "../bill.ts"
import type { Edits } from "../editing/edit.ts"
import type { PixelRule } from "../rules/pixels.ts"
import type { Violation } from "../violations.ts"

/** The verdict on one requested picture. */
export type Verdict = "delivered" | "filtered" | "failed"

/** A picture of a reply. */
export type Picture = {
  readonly drawing: Drawing
  readonly verdict: Verdict
  readonly base64: string
}

/**
 * A reply of the model before it becomes HTTP: a body with status 200, or the text of a
 * ValidationException.
 */
export type ModelReply = { readonly body: JsonObject } | { readonly refusal: string }

/** A wire format: how bodies are read and replies are written. */
export type Family = {
  /** The schema of a body. */
  readonly taskOf: (body: JsonObject) => string
  /** The rules that the schema cannot express. */
  readonly rules: (body: JsonObject) => readonly Violation[]
  readonly drawings: (body: JsonObject, context: DrawingContext) => readonly Drawing[]
  readonly reply: (pictures: readonly Picture[], body: JsonObject) => JsonObject
  /** Whether the reply has a picture even if it was filtered (blurred) or failed. */
  readonly returnsWithheld: boolean
  /** The emulation of tasks with an input picture. */
  readonly edits: Edits
  /** The violations in the pixels of a body's pictures. */
  readonly pixelRule: PixelRule
  /** The colour of the changed area in the returned mask, if the body requests one. */
  readonly returnedMask: (body: JsonObject) => "black" | "white" | undefined
  readonly filteredPrompt: ModelReply
  readonly filteredInputImage: ModelReply
  /** The reply after a guardrail intervened. */
  readonly blocked: JsonObject
  /** What a reply is charged, for models that are charged by tokens. */
  readonly tokensOf?: (reply: JsonObject) => BilledTokens
}

export type DrawingContext = {
  readonly model: string
  readonly task: string
  readonly randomSeed: () => number
}

/** What InvokeModel adds to a reply. */
export const guardrailIntervened = { "amazon-bedrock-guardrailAction": "INTERVENED" } as const

/** https://docs.aws.amazon.com/nova/latest/userguide/image-gen-errors.html, seen 2026-11-20 */
export const blockedBy = {
  filters: "This request has been blocked by our content filters.",
  submit: "to submit a new request.",
}
