/** A rule that makes requests fail. The first rule that matches a request applies. */
export type FaultRule<Kind extends string> = {
  readonly kind: Kind
  /** Only requests for this model. */
  readonly model?: string
  /** The largest number of requests that fail. */
  readonly times?: number
  /** The number of requests to skip first. */
  readonly after?: number
  /** Every n-th request fails. */
  readonly every?: number
  /** How many pictures are filtered, missing or added. Default 1. */
  readonly count?: number
  /** The delay of the slow kinds, before the first byte or after each of eight pieces. */
  readonly delayMs?: number
  /** The `retry-after` header of an error. */
  readonly retryAfterSeconds?: number
}

/**
 * Reads a fault written as `kind[;setting=value…]`, such as `cut;k=2` or `slow;times=1;ms=300`;
 * undefined for an unknown kind or setting. Settings: `k`, `ms`, `retry`, `times`, `after`,
 * `every`, `model`.
 */
export const parseFaultRule = <Kind extends string>(
  text: string,
  kinds: readonly Kind[],
): FaultRule<Kind> | undefined => {
  const [name = "", ...settings] = text.split(";").map((part) => part.trim())
  const kind = kinds.find((known) => known === name)
  if (kind === undefined) return undefined
  let fault: FaultRule<Kind> = { kind }
  for (const setting of settings) {
    const [key = "", value = ""] = setting.split("=")
    const option = Object.hasOwn(settingNames, key) ? settingNames[key] : undefined
    if (option !== undefined && /^[0-9]+$/.test(value))
      fault = { ...fault, [option]: Number(value) }
    else if (key === "model" && value !== "") fault = { ...fault, model: value }
    else return undefined
  }
  return fault
}

const settingNames: {
  readonly [name: string]: Exclude<keyof FaultRule<string>, "kind" | "model">
} = {
  k: "count",
  ms: "delayMs",
  retry: "retryAfterSeconds",
  times: "times",
  after: "after",
  every: "every",
}

/**
 * The fault that a request names in the header `x-emulator-fault`, or in its text, such as
 * `[[fault:cut]]`.
 */
export const requestedFaultRule = <Kind extends string>(
  header: string | undefined,
  text: string,
  kinds: readonly Kind[],
): FaultRule<Kind> | "unknown" | undefined => {
  const written = header ?? /\[\[fault:([^\]]{1,100})\]\]/.exec(text)?.[1]
  return written === undefined ? undefined : (parseFaultRule(written, kinds) ?? "unknown")
}

/** Selects the rule for a request, and counts the requests of each rule. */
export const createFaultRules = <Fault extends FaultRule<string>>(
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
