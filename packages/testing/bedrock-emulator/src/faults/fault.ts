import { type FailureKind, failures } from "./failures.ts"

/** Faults in the model's reply: status 200, or the text of a content filter. */
const replyKinds = [
  "filtered-input",
  "filtered-input-image",
  "filtered-output",
  "filtered-some",
  "artifact-error",
  "inference-error",
  "guardrail",
  "too-many-images",
  "missing-images",
] as const

/** Faults in the delivery: a wrong, slow or missing answer. */
const transportKinds = [
  "timeout",
  "slow-first-byte",
  "slow-body",
  "cut",
  "malformed",
  "html-502",
  "no-errortype",
] as const

type ReplyFaultKind = (typeof replyKinds)[number]

/** All faults of the emulator. */
export type FaultKind = FailureKind | ReplyFaultKind | (typeof transportKinds)[number]

/** A rule that makes requests fail. The first rule that matches a request applies. */
export type Fault = {
  readonly kind: FaultKind
  /** Only requests for this model, by its id as sent or its base id. */
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

export const faultKinds: readonly FaultKind[] = [
  ...Object.keys(failures).filter((kind): kind is FailureKind => kind in failures),
  ...replyKinds,
  ...transportKinds,
]

/**
 * Reads a fault written as `kind[;setting=value…]`, such as `filtered-some;k=2` or
 * `throttle;times=1;retry=3`;
 * undefined for an unknown kind or setting. Settings: `k`, `ms`, `retry`, `times`, `after`,
 * `every`, `model`.
 */
export const parseFault = (text: string): Fault | undefined => {
  const [kind = "", ...settings] = text.split(";").map((part) => part.trim())
  if (!isFaultKind(kind)) return undefined
  let fault: Fault = { kind }
  for (const setting of settings) {
    const [name = "", value = ""] = setting.split("=")
    const key = settingNames[name]
    if (key !== undefined && /^[0-9]+$/.test(value)) fault = { ...fault, [key]: Number(value) }
    else if (name === "model" && value !== "") fault = { ...fault, model: value }
    else return undefined
  }
  return fault
}

const isFaultKind = (kind: string): kind is FaultKind => faultKinds.some((known) => known === kind)

const settingNames: { readonly [name: string]: Exclude<keyof Fault, "kind" | "model"> } = {
  k: "count",
  ms: "delayMs",
  retry: "retryAfterSeconds",
  times: "times",
  after: "after",
  every: "every",
}
