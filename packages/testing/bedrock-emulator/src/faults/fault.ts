import { type FaultRule, parseFaultRule } from "@pictor/emulator-kit"
import { type FailureKind, failures } from "./failures.ts"

/** Faults in the model's reply: status 200, or the text of a content filter. */
const replyKinds = [
  "filtered-input",
  "filtered-input-image",
  "filtered-output",
  "filtered-some",
  "artifact-error",
  "inference-error",
  "guardrail",
  "too-many-images",
  "missing-images",
] as const

/** Faults in the delivery: a wrong, slow or missing answer. */
const transportKinds = [
  "timeout",
  "slow-first-byte",
  "slow-body",
  "cut",
  "malformed",
  "html-502",
  "no-errortype",
] as const

type ReplyFaultKind = (typeof replyKinds)[number]

/** All faults of the emulator. */
export type FaultKind = FailureKind | ReplyFaultKind | (typeof transportKinds)[number]

/** A rule that makes requests fail. Its `model` is an id as sent, or the base id. */
export type Fault = FaultRule<FaultKind>

export const faultKinds: readonly FaultKind[] = [
  ...Object.keys(failures).filter((kind): kind is FailureKind => kind in failures),
  ...replyKinds,
  ...transportKinds,
]

/**
 * Reads a fault written as `kind[;setting=value…]`, such as `filtered-some;k=2` or
 * `throttle;times=1;retry=3`; undefined for an unknown kind or setting. Settings: `k`, `ms`,
 * `retry`, `times`, `after`, `every`, `model`.
 */
export const parseFault = (text: string): Fault | undefined => parseFaultRule(text, faultKinds)
