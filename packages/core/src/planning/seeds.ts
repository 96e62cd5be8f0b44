import type { TaskCard } from "../contract/card.ts"
import { ruleOf } from "../models/kinds.ts"
import { numberFrom } from "../models/rule.ts"
import type { Notes } from "./notes.ts"

/** One seed per call: given, derived or drawn; none where the model takes none. */
export const planSeeds = (task: TaskCard, given: unknown, calls: number, random: () => number, notes: Notes): readonly number[] => {
  const parameter = task.fields.seed
  const rule = parameter ? ruleOf(parameter) : numberFrom(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, true)
  if (given !== undefined && !notes.check("seed", rule, given)) return []
  if (parameter?.kind !== "seed") {
    if (given !== undefined) notes.drop("seed", given, "the model takes no seed")
    return []
  }
  const { min, max, narrowMax = max, zero } = parameter
  const low = zero === "random" ? Math.max(1, min) : min
  const span = narrowMax - low + 1
  const seed = (given as number | undefined) ?? low + Math.floor(random() * span)
  if (given === 0 && zero === "random")
    notes.warnings.push("The model draws a seed for seed 0: the image cannot be ordered again by it. Give another seed for that.")
  const imagesPerCall = task.imagesPerCall ?? 1
  // Call 0 has the seed as it is; call k gets one that no other call of the split has.
  return Array.from({ length: calls }, (_, call) => (call === 0 ? seed : low + ((seed - low + call * imagesPerCall) % span)))
}
