import type { FaultKind } from "@pictor/bedrock-emulator"

type Ending = "settled" | "released" | "held"

/** The expected outcome of an order with one retry. */
export interface FaultCase {
  readonly kind: FaultKind
  /** Parameters of the fault: `;k=1`. */
  readonly more?: string
  /** Timeout of the request in seconds. */
  readonly timeout?: string
  readonly status: number
  readonly code?: string
  /** Images in the answer. Default 0. */
  readonly images?: number
  /** Expected states of missing images. Default: all failed with the answer's code. */
  readonly lost?: readonly Readonly<Record<string, unknown>>[]
  /** Calls at the provider. Default 1. */
  readonly calls?: number
  /** State of the row. Default: released. */
  readonly ending?: Ending
  /** Charged and possibly charged images. */
  readonly charged?: number
  readonly maybe?: number
  /** `x-should-retry` and `retry-after`. */
  readonly again?: boolean
  readonly wait?: string
}

const twice = { calls: 2, again: true } as const
const unavailable = { status: 503, code: "unavailable", ...twice, wait: "1" } as const
const nothingToDo = { again: false } as const
const noAccess = { status: 502, code: "provider_forbidden", ...nothingToDo } as const
const unknownCaller = { status: 502, code: "provider_unauthenticated", ...nothingToDo } as const
const maybe = { ending: "held", maybe: 2, ...nothingToDo } as const
const filtered = (stage: string) => [0, 1].map((index) => ({ index, status: "filtered", stage }))
const moderated = (stage: string) =>
  ({ status: 400, code: "moderation_blocked", lost: filtered(stage), ...nothingToDo }) as const
const delivered = { status: 200, images: 2, lost: [], ending: "settled", charged: 2 } as const

/** Every fault of the emulator with Nova Canvas and two images. */
export const faultCases: readonly FaultCase[] = [
  { kind: "throttle", status: 429, code: "rate_limit_exceeded", ...twice, wait: "1" },
  {
    kind: "throttle",
    more: ";retry=1",
    status: 429,
    code: "rate_limit_exceeded",
    ...twice,
    wait: "1",
  },
  { kind: "not-ready", ...unavailable },
  { kind: "unavailable", ...unavailable },
  { kind: "overloaded", ...unavailable },
  { kind: "html-502", ...unavailable },
  { kind: "internal", status: 502, code: "provider_failed", ...twice },
  { kind: "quota", status: 429, code: "quota_exceeded", ...nothingToDo },
  { kind: "model-error", status: 502, code: "provider_failed", ...nothingToDo },
  { kind: "no-access", ...noAccess },
  { kind: "operation-not-allowed", ...noAccess },
  { kind: "unrecognized-client", ...unknownCaller },
  { kind: "invalid-signature", ...unknownCaller },
  { kind: "expired-token", ...unknownCaller },
  { kind: "retired", status: 404, code: "model_retired", ...nothingToDo },
  { kind: "legacy", status: 404, code: "model_retired", ...nothingToDo },
  { kind: "unknown-model", status: 404, code: "model_not_found", ...nothingToDo },
  { kind: "on-demand", status: 400, code: "invalid_request", ...nothingToDo },
  { kind: "no-errortype", status: 400, code: "invalid_request", ...nothingToDo },
  { kind: "filtered-input", ...moderated("prompt") },
  { kind: "filtered-input-image", ...moderated("input-image") },
  { kind: "filtered-output", ...moderated("output") },
  { kind: "guardrail", ...moderated("guardrail"), ending: "held", maybe: 2 },
  {
    kind: "filtered-some",
    ...delivered,
    images: 1,
    charged: 1,
    lost: [{ index: 1, status: "filtered", stage: "output" }],
  },
  {
    kind: "missing-images",
    ...delivered,
    images: 1,
    charged: 1,
    lost: [{ index: 1, status: "failed", code: "invalid_response" }],
  },
  { kind: "too-many-images", ...delivered, images: 3, charged: 3 },
  { kind: "artifact-error", status: 502, code: "invalid_response", ...nothingToDo },
  { kind: "inference-error", status: 502, code: "invalid_response", ...nothingToDo },
  { kind: "slow-first-byte", more: ";ms=20", ...delivered },
  { kind: "slow-body", more: ";ms=2", ...delivered },
  { kind: "model-timeout", status: 504, code: "timeout", ...maybe },
  { kind: "timeout", timeout: "2", status: 504, code: "timeout", ...maybe },
  { kind: "cut", status: 503, code: "unavailable", ...maybe },
  { kind: "malformed", status: 502, code: "invalid_response", ...maybe },
]

/** One SDXL image; its reply is an event stream and has filtered images too. */
export const streamedCases: readonly FaultCase[] = [
  { kind: "slow-body", more: ";ms=2", ...delivered, images: 1, charged: 1 },
  { kind: "throttle", status: 429, code: "rate_limit_exceeded", ...twice, wait: "1" },
  {
    kind: "filtered-output",
    ...moderated("output"),
    lost: filtered("output").slice(0, 1),
    ending: "settled",
    charged: 1,
  },
  { kind: "artifact-error", status: 502, code: "provider_failed", ...twice },
  {
    kind: "guardrail",
    ...moderated("guardrail"),
    lost: filtered("guardrail").slice(0, 1),
    ...maybe,
    maybe: 1,
  },
  { kind: "timeout", timeout: "2", status: 504, code: "timeout", ...maybe, maybe: 1 },
  { kind: "cut", status: 503, code: "unavailable", ...maybe, maybe: 1 },
  { kind: "malformed", status: 502, code: "invalid_response", ...maybe, maybe: 1 },
]
