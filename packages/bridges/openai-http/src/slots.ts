import type { Slot } from "@pictor/core"
import { rowOf } from "./error-table.ts"

/** Why an ordered image is not there. */
export interface LostSlot {
  readonly index: number
  readonly status: "filtered" | "failed" | "not-attempted"
  readonly stage?: string
  readonly reason?: string
  readonly code?: string
  readonly message?: string
}

/** The ordered images that were not delivered, each with its reason. */
export const lostSlots = (slots: readonly Slot[]): readonly LostSlot[] =>
  slots.flatMap((slot, index): readonly LostSlot[] => {
    if (slot.status === "delivered") return []
    if (slot.status === "filtered")
      return [{ index, status: slot.status, stage: slot.stage, reason: slot.reason }]
    if (slot.status === "not-attempted") return [{ index, status: slot.status }]
    const { code, message = slot.error.message } = rowOf(slot.error)
    return [{ index, status: slot.status, code, message }]
  })
