import { type FaultRule, parseFaultRule } from "@pictor/emulator-kit"
import { type FailureKind, failures } from "./errors.ts"

/** Faults in the reply or its delivery. */
const deliveryKinds = [
  "missing-images",
  "no-usage",
  "malformed",
  "html-502",
  "reset-before",
  "reset-after",
  "cut",
  "cut-stream",
  "stream-error",
  "slow-first-byte",
  "slow-body",
  "timeout",
] as const

export type FaultKind = FailureKind | (typeof deliveryKinds)[number]

/** A rule that makes requests fail. */
export type Fault = FaultRule<FaultKind>

export const faultKinds: readonly FaultKind[] = [
  ...Object.keys(failures).filter((kind): kind is FailureKind => kind in failures),
  ...deliveryKinds,
]

/**
 * Reads a fault written as `kind[;setting=value…]`, such as `rate-limit;times=1;retry=3`; undefined
 * for an unknown kind or setting. Settings: `k`, `ms`, `retry`, `times`, `after`, `every`, `model`.
 */
export const parseFault = (text: string): Fault | undefined => parseFaultRule(text, faultKinds)
