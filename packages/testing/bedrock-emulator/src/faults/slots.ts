import type { Drawing } from "@pictor/emulator-kit"
import type { Verdict } from "../families/family.ts"
import type { Fault, FaultKind } from "./fault.ts"

/** A picture to draw, and its verdict. */
export type Slot = { readonly drawing: Drawing; readonly verdict: Verdict }

/** The pictures of a reply with a fault: filtered, failed, too many or too few. */
export const slotsAfter = (
  drawings: readonly Drawing[],
  fault: Fault | undefined,
): readonly Slot[] => {
  const count = fault?.count ?? 1
  const change = fault === undefined ? undefined : changes[fault.kind]
  return change === undefined ? all(drawings, "delivered") : change(drawings, count)
}

type Change = (drawings: readonly Drawing[], count: number) => readonly Slot[]

const all = (drawings: readonly Drawing[], verdict: Verdict): readonly Slot[] =>
  drawings.map((drawing) => ({ drawing, verdict }))

const kept = (drawings: readonly Drawing[], count: number): number =>
  Math.max(0, drawings.length - count)

const changes: { readonly [kind in FaultKind]?: Change } = {
  "filtered-output": (drawings) => all(drawings, "filtered"),
  "filtered-some": (drawings, count) => [
    ...all(drawings.slice(0, kept(drawings, count)), "delivered"),
    ...all(drawings.slice(kept(drawings, count)), "filtered"),
  ],
  "artifact-error": (drawings) => all(drawings, "failed"),
  "inference-error": (drawings) => all(drawings, "failed"),
  "missing-images": (drawings, count) => all(drawings.slice(0, kept(drawings, count)), "delivered"),
  "too-many-images": (drawings, count) =>
    all([...drawings, ...further(drawings, count)], "delivered"),
}

const further = (drawings: readonly Drawing[], count: number): readonly Drawing[] =>
  drawings
    .slice(0, 1)
    .flatMap((drawing) =>
      Array.from({ length: count }, (_, index) => ({ ...drawing, index: drawings.length + index })),
    )
