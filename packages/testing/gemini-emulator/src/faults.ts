import { type FaultRule, parseFaultRule } from "@pictor/emulator-kit"

/** An error that Google answers instead of running the model. */
export type Failure = {
  readonly code: number
  readonly status: string
  /** `{model}` stands for the model's id. */
  readonly message: string
  readonly details?: readonly object[]
}

const errorInfo = (reason: string): object => ({
  "@type": "type.googleapis.com/google.rpc.ErrorInfo",
  reason,
  domain: "googleapis.com",
  metadata: { service: "generativelanguage.googleapis.com" },
})

const quotaFailure = (quotaId: string): object => ({
  "@type": "type.googleapis.com/google.rpc.QuotaFailure",
  violations: [
    {
      quotaMetric: "generativelanguage.googleapis.com/generate_requests_per_model",
      quotaId,
      quotaDimensions: { location: "global" },
    },
  ],
})

const quotaMessage =
  "You exceeded your current quota, please check your plan and billing details. For more information on this error, head to: https://ai.google.dev/gemini-api/docs/rate-limits."

/**
 * The errors by the kind of fault. Codes and statuses:
 * https://ai.google.dev/gemini-api/docs/generate-content/api-errors, seen 2026-11-30; texts and
 * details resemble what users report, such as
 * https://github.com/google-gemini/gemini-cli/issues/8437
 */
export const failures = {
  "invalid-argument": {
    code: 400,
    status: "INVALID_ARGUMENT",
    message: "Request contains an invalid argument.",
  },
  "invalid-key": {
    code: 400,
    status: "INVALID_ARGUMENT",
    message: "API key not valid. Please pass a valid API key.",
    details: [errorInfo("API_KEY_INVALID")],
  },
  location: {
    code: 400,
    status: "FAILED_PRECONDITION",
    message: "User location is not supported for the API use.",
  },
  unauthenticated: {
    code: 401,
    status: "UNAUTHENTICATED",
    message:
      "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.",
  },
  "no-credit": {
    code: 402,
    status: "RESOURCE_EXHAUSTED",
    message: "Your prepayment credits are depleted. Please add credits to your billing account.",
  },
  "permission-denied": {
    code: 403,
    status: "PERMISSION_DENIED",
    message: "Your project has been denied access. Please contact support.",
  },
  retired: {
    code: 404,
    status: "NOT_FOUND",
    message:
      "models/{model} is not found for API version v1beta, or is not supported for generateContent. Call ListModels to see the list of available models and their supported methods.",
  },
  throttle: {
    code: 429,
    status: "RESOURCE_EXHAUSTED",
    message: quotaMessage,
    details: [quotaFailure("GenerateRequestsPerMinutePerProjectPerModel")],
  },
  quota: {
    code: 429,
    status: "RESOURCE_EXHAUSTED",
    message: quotaMessage,
    details: [quotaFailure("GenerateRequestsPerDayPerProjectPerModel")],
  },
  cancelled: { code: 499, status: "CANCELLED", message: "The operation was cancelled." },
  internal: {
    code: 500,
    status: "INTERNAL",
    message:
      "An internal error has occurred. Please retry or report in https://developers.generativeai.google/guide/troubleshooting",
  },
  unavailable: {
    code: 503,
    status: "UNAVAILABLE",
    message: "The model is overloaded. Please try again later.",
  },
  deadline: {
    code: 504,
    status: "DEADLINE_EXCEEDED",
    message: "Deadline expired before operation could complete.",
  },
} as const satisfies { readonly [kind: string]: Failure }

/** The `promptFeedback.blockReason` of a refused prompt; @google/genai 3.3.0, 2026-11-12 */
export const blockReasons = {
  "blocked-safety": "SAFETY",
  "blocked-other": "OTHER",
  "blocked-blocklist": "BLOCKLIST",
  "blocked-prohibited-content": "PROHIBITED_CONTENT",
  "blocked-image-safety": "IMAGE_SAFETY",
  "blocked-model-armor": "MODEL_ARMOR",
  "blocked-jailbreak": "JAILBREAK",
} as const

/** The `finishReason` of a refused picture; @google/genai 3.3.0, 2026-11-12 */
export const finishReasons = {
  "refused-safety": "SAFETY",
  "refused-recitation": "RECITATION",
  "refused-prohibited-content": "PROHIBITED_CONTENT",
  "refused-spii": "SPII",
  "refused-blocklist": "BLOCKLIST",
  "refused-image-safety": "IMAGE_SAFETY",
  "refused-image-prohibited-content": "IMAGE_PROHIBITED_CONTENT",
  "refused-image-recitation": "IMAGE_RECITATION",
  "refused-image-other": "IMAGE_OTHER",
  "refused-other": "OTHER",
  "no-image": "NO_IMAGE",
  "words-only": "STOP",
} as const

/** Kinds of a reply with pictures, and of its delivery. */
const otherKinds = [
  "more-images",
  "max-tokens",
  "timeout",
  "slow-first-byte",
  "slow-body",
  "cut",
  "malformed",
  "html-502",
  "reset-before",
  "reset-after",
] as const

type FailureKind = keyof typeof failures
type BlockKind = keyof typeof blockReasons
type FinishKind = keyof typeof finishReasons

/** All faults of the emulator. */
export type FaultKind = FailureKind | BlockKind | FinishKind | (typeof otherKinds)[number]

/** A rule that makes requests fail. The first rule that matches a request applies. */
export type Fault = FaultRule<FaultKind>

const keysOf = <Key extends string>(table: Readonly<Record<Key, unknown>>): readonly Key[] =>
  Object.keys(table) as Key[] // The keys of an object literal are known.

export const faultKinds: readonly FaultKind[] = [
  ...keysOf(failures),
  ...keysOf(blockReasons),
  ...keysOf(finishReasons),
  ...otherKinds,
]

/**
 * Reads a fault written as `kind[;setting=value…]`, such as `throttle;times=1;retry=3`; undefined
 * for an unknown kind or setting. Settings: `k`, `ms`, `retry`, `times`, `after`, `every`, `model`.
 */
export const parseFault = (text: string): Fault | undefined => parseFaultRule(text, faultKinds)

const entryOf =
  <Value>(table: Readonly<Record<string, Value>>) =>
  (kind: FaultKind | undefined): Value | undefined =>
    kind !== undefined && Object.hasOwn(table, kind) ? table[kind] : undefined

export const failureOf = entryOf<Failure>(failures)
export const blockReasonOf = entryOf<string>(blockReasons)
export const finishReasonOf = entryOf<string>(finishReasons)
