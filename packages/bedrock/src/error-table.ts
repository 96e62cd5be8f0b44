import type { ErrorCode } from "@pictor/core"

/** The error for an answer of Bedrock. The first row whose conditions all fit applies. */
export interface ErrorRow {
  /**
   * Error types in lower case, without "Exception", HTTP statuses, or classes of them ("4xx").
   * One must fit.
   */
  readonly on: readonly (string | number)[]
  /** Must match the provider's message. */
  readonly text?: RegExp
  readonly code: ErrorCode
  readonly retryable?: boolean
  readonly maybeBilled?: true
  /** One sentence. `{model}`, `{region}` and `{input}` are placeholders. */
  readonly message: string
}

const invalidRequest = ["validation", 400] as const
const modelAccess = "https://docs.aws.amazon.com/bedrock/latest/userguide/model-access.html"

// Types and statuses:
// https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InvokeModel.html,
// seen 2026-11-20. Texts: as users report them.
export const errorTable: readonly ErrorRow[] = [
  {
    on: invalidRequest,
    text: /blocked by our content filters|AWS Responsible AI/i,
    code: "content_filtered",
    message: "The content filters of {model} blocked the {input}; change it and try again",
  },
  {
    on: invalidRequest,
    text: /model identifier is invalid/i,
    code: "model_not_found",
    message:
      "Bedrock has no model {model} in {region}; check the id and the region, or call the model by its inference profile",
  },
  {
    on: invalidRequest,
    text: /on-demand throughput isn.t supported/i,
    code: "invalid_request",
    message:
      "{model} cannot be called by its own id in {region}; set modelId to the id or ARN of an inference profile that contains it",
  },
  {
    on: invalidRequest,
    text: /operation not allowed/i,
    code: "forbidden",
    message:
      "This account may not call {model}; call GetFoundationModelAvailability to see what is missing (agreement, Marketplace subscription, payment method), " +
      "or contact AWS support",
  },
  {
    on: ["servicequotaexceeded"],
    code: "quota_exceeded",
    message:
      "A service quota of this account for {model} in {region} is used up; request a higher one in Service Quotas, or use another region",
  },
  {
    on: ["unrecognizedclient", "invalidclienttokenid", "missingauthenticationtoken"],
    code: "unauthenticated",
    message:
      "AWS does not recognize the credentials for {model}; check the access key and, for temporary keys, the session token",
  },
  {
    on: ["expiredtoken", "requestexpired"],
    code: "unauthenticated",
    message:
      "The credentials for {model} have expired; get new ones, for example with aws sso login",
  },
  {
    on: [
      "invalidsignature",
      "signaturedoesnotmatch",
      "incompletesignature",
      "requesttimetooskewed",
    ],
    code: "unauthenticated",
    message:
      "AWS rejected the signature of the call of {model}; check the secret key, the region and this machine's clock",
  },
  {
    on: ["accessdenied", 401, 403],
    text: /authentication failed|api key|bearer token|security token/i,
    code: "unauthenticated",
    message:
      "AWS rejected the API key or token for {model}; check that it is complete, not expired and valid in {region}",
  },
  {
    on: [401],
    code: "unauthenticated",
    message:
      "AWS requires credentials for the call of {model}; check the options of bedrock() and the environment",
  },
  {
    on: ["resourcenotfound", 404],
    text: /end of (?:its|their) life|end.of.life|marked by (?:the )?provider as legacy|as legacy/i,
    code: "model_retired",
    message:
      "{model} has reached its end of life, or is a legacy model that this account may no longer call; use an active model",
  },
  {
    on: ["resourcenotfound", 404],
    code: "model_not_found",
    message:
      "Bedrock did not find {model} in {region}; check the id or ARN, the region, and whether the provider's first-use form is filled in",
  },
  {
    on: ["modelnotready"],
    code: "unavailable",
    retryable: true,
    message: "{model} is not ready yet; try again in a moment",
  },
  {
    on: ["throttling", "toomanyrequests", 429],
    code: "rate_limited",
    retryable: true,
    message:
      "Bedrock throttled the call of {model} in {region}; send fewer calls at once, or try again later",
  },
  {
    on: ["modeltimeout", 408],
    code: "timeout",
    maybeBilled: true,
    message:
      "{model} exceeded Bedrock's time limit; it may have been billed, so check before you try again",
  },
  {
    on: ["modelerror", "modelstreamerror", 424],
    code: "provider_failed",
    retryable: false,
    message: "{model} failed on this request; change the request or use another model",
  },
  {
    on: ["serviceunavailable", "overloaded_error", "html 5xx", 502, 503, 529],
    code: "unavailable",
    retryable: true,
    message: "Bedrock is not available for {model} in {region}; try again in a moment",
  },
  {
    on: [504],
    code: "timeout",
    maybeBilled: true,
    message:
      "A proxy in front of {model} timed out; it may have been billed, so check before you try again",
  },
  {
    on: ["internalserver", 500],
    code: "provider_failed",
    retryable: true,
    message: "Bedrock had an internal error on the call of {model}; try again",
  },
  {
    on: ["accessdenied", 403],
    code: "forbidden",
    message:
      `These credentials may not call {model} in {region}; allow bedrock:InvokeModel on it (for an inference profile: on the profile, and on the model in ` +
      `every region that it routes to), and for the first call of a Stability model aws-marketplace:Subscribe and ViewSubscriptions: ${modelAccess}`,
  },
  {
    on: ["validation", "4xx"],
    code: "invalid_request",
    message: "Bedrock rejected the request to {model}",
  },
]

/** For an answer that no row fits. */
export const unexpectedAnswer: ErrorRow = {
  on: [],
  code: "provider_failed",
  message: "Bedrock sent an unexpected answer to the call of {model}; try again later",
}
