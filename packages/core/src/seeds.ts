import type { Parameter, TaskCard } from "./card.ts"
import { allowedBy, isAllowed } from "./check.ts"
import { givenAs } from "./nearest.ts"
import type { Notes } from "./notes.ts"

type SeedParameter = Extract<Parameter, { readonly kind: "seed" }>

const boundsOf = ({ min, max, narrowMax = max, zero }: SeedParameter): readonly [low: number, high: number] => [
  zero === "random" ? Math.max(1, min) : min,
  narrowMax,
]

/** Call 0 has the seed as it is; call k gets one that no other call of the split has. */
const seedOfCall = (parameter: SeedParameter, seed: number, call: number, imagesPerCall: number): number => {
  const [low, high] = boundsOf(parameter)
  return call === 0 ? seed : low + ((seed - low + call * imagesPerCall) % (high - low + 1))
}

/** One seed per call: given, derived or drawn; none where the model takes none. */
export const planSeeds = (task: TaskCard, given: unknown, calls: number, random: () => number, model: string, notes: Notes): readonly number[] => {
  const parameter = task.fields.seed
  if (parameter?.kind !== "seed") {
    if (given !== undefined && !Number.isSafeInteger(given)) notes.invalid("seed", "seed must be a whole number.", "a whole number", givenAs(given))
    else if (given !== undefined) notes.change({ field: "seed", action: "dropped", from: given, to: undefined, why: `${model} takes no seed` })
    return []
  }
  if (given !== undefined && !isAllowed(parameter, given)) {
    notes.invalid("seed", `seed must be ${allowedBy(parameter)}.`, allowedBy(parameter), givenAs(given))
    return []
  }
  const [low, high] = boundsOf(parameter)
  const seed = (given as number | undefined) ?? low + Math.floor(random() * (high - low + 1))
  if (given === 0 && parameter.zero === "random")
    notes.warnings.push(`${model} takes seed 0 as "draw one": the image cannot be ordered again by it. Give another seed for that.`)
  return Array.from({ length: calls }, (_, call) => seedOfCall(parameter, seed, call, task.imagesPerCall ?? 1))
}
