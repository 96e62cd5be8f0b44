import type { ErrorCode } from "@pictor/core"

/** What an answer of Bedrock comes to. The first row that fits holds; every condition that a row names must hold. */
export interface FailureRow {
  /** Error types in lower case, without "Exception", or HTTP statuses; one of them must fit. */
  readonly on: readonly (string | number)[]
  /** In the provider's message. */
  readonly text?: RegExp
  readonly code: ErrorCode
  readonly retryable?: boolean
  readonly maybeBilled?: true
  /** One sentence; `{model}`, `{region}` and `{input}` are filled in. */
  readonly message: string
}

const invalidRequest = ["validation", 400] as const
const modelAccess = "https://docs.aws.amazon.com/bedrock/latest/userguide/model-access.html"

// Types and statuses: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InvokeModel.html, seen 2026-11-20; texts as reported by users.
export const failureTable: readonly FailureRow[] = [
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
      "Bedrock knows no model {model} in {region}; check the id and the region, or call it by its inference profile",
  },
  {
    on: invalidRequest,
    text: /on-demand throughput isn.t supported/i,
    code: "invalid_request",
    message:
      "{model} cannot be called by its bare id in {region}; give as modelId the id or ARN of an inference profile that contains it",
  },
  {
    on: invalidRequest,
    text: /operation not allowed/i,
    code: "forbidden",
    message:
      "This account may not call {model}; ask GetFoundationModelAvailability what is missing (agreement, Marketplace subscription, payment method), " +
      "or ask AWS support",
  },
  {
    on: ["servicequotaexceeded"],
    code: "quota_exceeded",
    message:
      "A service quota of this account for {model} in {region} is used up; ask for a higher one in Service Quotas, or use another region",
  },
  {
    on: ["unrecognizedclient", "invalidclienttokenid", "missingauthenticationtoken"],
    code: "unauthenticated",
    message:
      "AWS does not know the credentials that {model} was called with; check the access key and, for temporary keys, the session token",
  },
  {
    on: ["expiredtoken", "requestexpired"],
    code: "unauthenticated",
    message:
      "The credentials that {model} was called with have expired; get new ones, for example with aws sso login",
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
      "AWS refused the signature on the call of {model}; check the secret key, the region and this machine's clock",
  },
  {
    on: ["accessdenied", 401, 403],
    text: /authentication failed|api key|bearer token|security token/i,
    code: "unauthenticated",
    message:
      "AWS refused the API key or token that {model} was called with; check that it is whole, not expired and made for {region}",
  },
  {
    on: [401],
    code: "unauthenticated",
    message:
      "AWS asked for credentials on the call of {model}; check the options of bedrock() and the environment",
  },
  {
    on: ["resourcenotfound", 404],
    text: /end of (?:its|their) life|end.of.life|marked by (?:the )?provider as legacy|as legacy/i,
    code: "model_retired",
    message:
      "{model} is past its end of life, or legacy and closed to this account; use an active model",
  },
  {
    on: ["resourcenotfound", 404],
    code: "model_not_found",
    message:
      "Bedrock found no {model} in {region}; check the id or ARN and the region, and that the provider's first-use form is filled in",
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
      "Bedrock throttled the call of {model} in {region}; send fewer at once, or try again later",
  },
  {
    on: ["modeltimeout", 408],
    code: "timeout",
    maybeBilled: true,
    message:
      "{model} did not finish in Bedrock's own time; it may have been billed, so look before trying again",
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
      "A gateway before {model} gave up waiting; it may have been billed, so look before trying again",
  },
  {
    on: ["internalserver", 500],
    code: "provider_failed",
    retryable: true,
    message: "Bedrock failed inside on the call of {model}; try again",
  },
  {
    on: ["accessdenied", 403],
    code: "forbidden",
    message:
      `These credentials may not call {model} in {region}; allow bedrock:InvokeModel on it (for an inference profile on the profile and on the model in ` +
      `every region it routes to), and for the first call of a Stability model aws-marketplace:Subscribe and ViewSubscriptions: ${modelAccess}`,
  },
  {
    on: invalidRequest,
    code: "invalid_request",
    message: "Bedrock refused the request to {model}",
  },
]

/** Where no row fits: below 500 the request is at fault, above it the provider. */
export const otherFailure = (status: number): FailureRow =>
  status >= 400 && status < 500
    ? { on: [], code: "invalid_request", message: "Bedrock refused the request to {model}" }
    : {
        on: [],
        code: "provider_failed",
        retryable: false,
        message: "Bedrock gave an unexpected answer on the call of {model}; try again later",
      }
