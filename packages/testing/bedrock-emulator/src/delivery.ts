import type { Delivery } from "@pictor/emulator-kit"
import type { Answer } from "./answer.ts"
import type { Fault, FaultKind } from "./faults/fault.ts"

/** An answer, and how it is sent. */
export type Delivered = { readonly answer: Answer; readonly delivery: Delivery }

export const deliveryOf = (fault: Fault | undefined, latencyMs: number): Delivery => {
  const usual: Delivery = { kind: "whole", waitMs: latencyMs, pauseMs: 0 }
  return { ...usual, ...(fault === undefined ? {} : changes[fault.kind]?.(fault, latencyMs)) }
}

const changes: {
  readonly [kind in FaultKind]?: (fault: Fault, latencyMs: number) => Partial<Delivery>
} = {
  timeout: () => ({ kind: "never" }),
  "slow-first-byte": (fault, latencyMs) => ({ waitMs: latencyMs + (fault.delayMs ?? 2000) }),
  "slow-body": (fault) => ({ kind: "pieces", pauseMs: fault.delayMs ?? 250 }),
  cut: () => ({ kind: "cut" }),
}
