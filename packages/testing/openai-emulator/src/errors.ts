/** An error before it becomes HTTP. */
export type Failure = {
  readonly status: number
  readonly type: string
  readonly code: string | null
  readonly message: string
  readonly param?: string | null
  readonly moderationDetails?: {
    readonly moderation_stage: "input" | "output" | "unknown"
    readonly categories: readonly string[]
  }
}

/** A rejected field: the parameter, OpenAI's code and a message. */
export type Violation = {
  readonly param: string | null
  readonly code: string
  readonly message: string
}

export const invalidRequest = ({ param, code, message }: Violation): Failure => ({
  status: 400,
  type: "invalid_request_error",
  code,
  message,
  param,
})

/** The JSON of an error in OpenAI's envelope. */
export const errorBody = ({ type, code, message, param = null, moderationDetails }: Failure) => ({
  error: {
    message,
    type,
    param,
    code,
    ...(moderationDetails === undefined ? {} : { moderation_details: moderationDetails }),
  },
})

const moderated = (stage: "input" | "output" | "unknown"): Failure => ({
  status: 400,
  type: "image_generation_user_error",
  code: "moderation_blocked",
  message:
    "Your request was rejected by the safety system. If you believe this is an error, contact support and include the request id.",
  moderationDetails: { moderation_stage: stage, categories: ["violence"] },
})

export const missingKey: Failure = {
  status: 401,
  type: "invalid_request_error",
  code: null,
  message:
    "You didn't provide an API key. Send it in the Authorization header using Bearer auth, or in the header api-key on Azure's URLs.",
}

export const invalidKey: Failure = {
  status: 401,
  type: "invalid_request_error",
  code: "invalid_api_key",
  message: "Incorrect API key provided.",
}

export const rateLimited: Failure = {
  status: 429,
  type: "requests",
  code: "rate_limit_exceeded",
  message: "Rate limit reached for images per minute. Try again later.",
}

export const unknownModel = (model: string): Failure => ({
  status: 404,
  type: "invalid_request_error",
  code: "model_not_found",
  message: `The model '${model.slice(0, 100)}' does not exist or you do not have access to it.`,
  param: "model",
})

export const unknownUrl = (method: string, path: string): Failure => ({
  status: 404,
  type: "invalid_request_error",
  code: "unknown_url",
  message: `Unknown request URL: ${method} ${path.slice(0, 200)}.`,
})

/** The errors by the kind of fault. Statuses 401, 403 and 429 are recalled, not documented. */
export const failures = {
  "moderation-input": moderated("input"),
  "moderation-output": moderated("output"),
  "moderation-unknown": moderated("unknown"),
  "invalid-key": invalidKey,
  "not-verified": {
    status: 403,
    type: "invalid_request_error",
    code: null,
    message:
      "Your organization must be verified to use this model. Go to https://platform.openai.com/settings/organization/general and select Verify Organization.",
  },
  retired: {
    status: 404,
    type: "invalid_request_error",
    code: "model_not_found",
    message: "The model has been deprecated and is no longer available.",
    param: "model",
  },
  "rate-limit": rateLimited,
  "insufficient-quota": {
    status: 429,
    type: "insufficient_quota",
    code: "insufficient_quota",
    message: "You exceeded your current quota. Check your plan and billing details.",
  },
  internal: {
    status: 500,
    type: "server_error",
    code: null,
    message: "The server had an error while processing your request.",
  },
  unavailable: {
    status: 503,
    type: "server_error",
    code: null,
    message: "The engine is currently overloaded. Try again later.",
  },
} as const satisfies { readonly [kind: string]: Failure }

export type FailureKind = keyof typeof failures

export const isFailureKind = (kind: string): kind is FailureKind => Object.hasOwn(failures, kind)
