import type { Fault } from "./fault.ts"

/** Selects the rule for a request, and counts the requests of each rule. */
export const createFaultRules = (
  faults: readonly Fault[],
): ((modelIds: readonly string[]) => Fault | undefined) => {
  const rules = faults.map((fault) => ({ fault, seen: 0, applied: 0 }))
  return (modelIds) => {
    let chosen: Fault | undefined
    for (const rule of rules) {
      const { model, after = 0, every = 1, times = Number.POSITIVE_INFINITY } = rule.fault
      if (model !== undefined && !modelIds.includes(model)) continue
      rule.seen += 1
      const due = rule.seen > after && (rule.seen - after) % every === 0
      if (chosen !== undefined || !due || rule.applied >= times) continue
      rule.applied += 1
      chosen = rule.fault
    }
    return chosen
  }
}
