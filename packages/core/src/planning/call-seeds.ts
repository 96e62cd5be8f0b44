import type { TaskCard } from "../contract/card.ts"
import { times } from "../tools/records.ts"

/** One seed per call, derived from the one that is given or drawn; none where the model takes none. */
export const callSeeds = (
  { fields: { seed: parameter }, imagesPerCall = 1 }: TaskCard,
  given: number | undefined,
  calls: number,
  random: () => number,
): readonly number[] => {
  if (parameter?.kind !== "seed") return []
  const { min, max, narrowMax = max, zero } = parameter
  const low = zero === "random" ? Math.max(1, min) : min
  const span = narrowMax - low + 1
  const seed = given ?? low + Math.floor(random() * span)
  // Call 0 has the seed as it is; call k gets one that no other call of the split has.
  return times(calls, (call) =>
    call === 0 ? seed : low + ((seed - low + call * imagesPerCall) % span),
  )
}
