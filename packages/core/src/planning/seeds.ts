import type { TaskCard } from "../contract/card.ts"
import { ruleOf } from "../models/kinds.ts"
import { numberFrom } from "../models/rule.ts"
import { callSeeds } from "./call-seeds.ts"
import type { Notes } from "./notes.ts"

/** One seed per call: given, derived or drawn; none where the model takes none. */
export const planSeeds = (
  task: TaskCard,
  given: unknown,
  calls: number,
  random: () => number,
  notes: Notes,
): readonly number[] => {
  const parameter = task.fields.seed
  const rule = parameter
    ? ruleOf(parameter)
    : numberFrom(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, true)
  if (given !== undefined && !notes.check("seed", rule, given)) return []
  if (parameter?.kind !== "seed") {
    if (given !== undefined) notes.drop("seed", given, "the model takes no seed")
    return []
  }
  if (given === 0 && parameter.zero === "random")
    notes.warnings.push(
      "The model draws a seed for seed 0: the image cannot be ordered again by it. Give another seed for that.",
    )
  return callSeeds(task, given as number | undefined, calls, random)
}
