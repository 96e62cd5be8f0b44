import { type ErrorCode, type FilterStage, ImageError } from "@pictor/core"
import { describe, expect, it } from "vitest"
import { createAttempt } from "./attempt.ts"
import { type Circumstances, parseRetryAfter, toImageError } from "./errors.ts"
import type { Attempt } from "./types.ts"

const secret = "purple elephant"
const model = "amazon.titan-image-generator-v2:0"
const answered = (status: number, headers: Readonly<Record<string, string>> = {}): Attempt => ({
  ...createAttempt(),
  signed: true,
  sent: true,
  status,
  headers: { "x-amzn-requestid": "request-1", ...headers },
})
const circumstances = (attempt: Attempt): Circumstances => ({
  call: { model, modelId: model },
  region: "us-east-1",
  attempt,
  now: 0,
})
const named = (name: string, message: string, more: object = {}): Error =>
  Object.assign(new Error(message), { name, ...more })

interface Expected {
  readonly code: ErrorCode
  readonly retryable?: true
  readonly maybeBilled?: true
  readonly stage?: FilterStage
  readonly says?: RegExp
}

const filtered =
  "This request has been blocked by our content filters. Please adjust your text prompt to submit a new request."
const profileNeeded =
  "Invocation of model ID x with on-demand throughput isn't supported. Retry your request with the ID or ARN of an inference profile"
const legacy =
  "Access denied. This Model is marked by provider as Legacy and you have not been actively using the model in the last 30 days."

const answers: readonly (readonly [
  status: number,
  name: string,
  text: string,
  expected: Expected,
])[] = [
  [
    400,
    "ValidationException",
    filtered,
    { code: "content_filtered", stage: "prompt", says: /blocked the prompt/ },
  ],
  [
    400,
    "ValidationException",
    filtered.replace("text prompt", "input image"),
    { code: "content_filtered", stage: "input-image", says: /input image/ },
  ],
  [
    400,
    "ValidationException",
    "it may conflict our AUP or AWS Responsible AI Policy",
    { code: "content_filtered", stage: "prompt" },
  ],
  [400, "Unknown", filtered.toUpperCase(), { code: "content_filtered", stage: "prompt" }],
  [
    400,
    "ValidationException",
    "The provided model identifier is invalid.",
    { code: "model_not_found", says: /us-east-1/ },
  ],
  [
    400,
    "ValidationException",
    profileNeeded,
    { code: "invalid_request", says: /inference profile/ },
  ],
  [
    400,
    "ValidationException",
    profileNeeded.replace("'", "\u2019"),
    { code: "invalid_request", says: /inference profile/ },
  ],
  [
    400,
    "ValidationException",
    "Operation not allowed",
    { code: "forbidden", says: /GetFoundationModelAvailability/ },
  ],
  [
    400,
    "ValidationException",
    "Malformed input request: #: required key [prompt] not found",
    { code: "invalid_request", says: /body lacks the field prompt/ },
  ],
  [400, "Unknown", "no type at all", { code: "invalid_request" }],
  [413, "RequestEntityTooLarge", "", { code: "invalid_request" }],
  [400, "ServiceQuotaExceededException", "", { code: "quota_exceeded", says: /Service Quotas/ }],
  [
    403,
    "UnrecognizedClientException",
    "The security token included in the request is invalid.",
    { code: "unauthenticated", says: /access key/ },
  ],
  [403, "InvalidSignatureException", "", { code: "unauthenticated", says: /clock/ }],
  [
    403,
    "ExpiredTokenException",
    "The security token included in the request is expired",
    { code: "unauthenticated", says: /expired/ },
  ],
  [
    403,
    "MissingAuthenticationTokenException",
    "Missing Authentication Token",
    { code: "unauthenticated" },
  ],
  [
    403,
    "AccessDeniedException",
    "Authentication failed: Please make sure your API Key is valid.",
    { code: "unauthenticated", says: /API key/ },
  ],
  [401, "Unknown", "", { code: "unauthenticated" }],
  [
    403,
    "AccessDeniedException",
    "You don't have access to the model with the specified model ID.",
    { code: "forbidden", says: /bedrock:InvokeModel.*profile.*aws-marketplace/ },
  ],
  [
    404,
    "ResourceNotFoundException",
    "This model version has reached the end of its life.",
    { code: "model_retired" },
  ],
  [404, "ResourceNotFoundException", legacy, { code: "model_retired" }],
  [
    404,
    "ResourceNotFoundException",
    "Could not resolve the foundation model",
    { code: "model_not_found" },
  ],
  [408, "ModelTimeoutException", "", { code: "timeout", maybeBilled: true }],
  [424, "ModelErrorException", "", { code: "provider_failed" }],
  [424, "ModelStreamErrorException", "", { code: "provider_failed" }],
  [429, "ThrottlingException", "Too many requests", { code: "rate_limited", retryable: true }],
  [429, "ModelNotReadyException", "", { code: "unavailable", retryable: true }],
  [500, "InternalServerException", "", { code: "provider_failed", retryable: true }],
  [503, "ServiceUnavailableException", "", { code: "unavailable", retryable: true }],
  [529, "overloaded_error", "Overloaded", { code: "unavailable", retryable: true }],
  [502, "SyntaxError", "Unexpected token '<'", { code: "unavailable", retryable: true }],
  [500, "SyntaxError", "Unexpected token '<'", { code: "unavailable", retryable: true }],
  [502, "Unknown", "", { code: "unavailable", retryable: true }],
  [504, "Unknown", "", { code: "timeout", maybeBilled: true }],
  [501, "Unknown", "", { code: "provider_failed" }],
  [302, "Unknown", "", { code: "provider_failed" }],
  [400, "Unknown", "", { code: "invalid_request" }],
  [402, "Unknown", "", { code: "invalid_request" }],
  [499, "Unknown", "", { code: "invalid_request" }],
]

describe("an answer of Bedrock", () => {
  it.each(answers)("%i %s %j", (status, name, text, { says = /./, ...expected }) => {
    const error = toImageError(
      named(name, `${text} ${secret}`, { $fault: "client" }),
      circumstances(answered(status)),
    )
    expect(error).toBeInstanceOf(ImageError)
    expect(error).toMatchObject({
      retryable: false,
      maybeBilled: false,
      ...expected,
      status,
      requestId: "request-1",
    })
    expect(error.stage).toBe(expected.stage)
    expect(error.message).toMatch(says)
    expect(error.message).toContain(model)
  })

  it.each(answers)("%i %s %j passes on no text of the provider", (status, name, text) => {
    const error = toImageError(
      named(name, `${text} ${secret}`, { $fault: "client" }),
      circumstances(answered(status)),
    )
    expect(
      [
        error.message,
        JSON.stringify(error.issues),
        String(error.cause),
        (error.cause as Error).stack,
      ].join(),
    ).not.toContain(secret)
  })

  it("is recognized as HTML by its content type", () => {
    const attempt = answered(500, { "content-type": "text/html; charset=utf-8" })
    expect(toImageError(named("Unknown", ""), circumstances(attempt))).toMatchObject({
      code: "unavailable",
      retryable: true,
    })
  })

  it("has the time after which to try again", () => {
    const error = toImageError(
      named("ThrottlingException", ""),
      circumstances(answered(429, { "retry-after": "3" })),
    )
    expect(error.retryAfterMs).toBe(3000)
  })

  it("lists each violation of the schema", () => {
    const text =
      "Malformed input request: #/textToImageParams/text: expected maxLength: 512, actual: 536, please reformat your input and try again."
    const error = toImageError(named("ValidationException", text), circumstances(answered(400)))
    expect(error.issues).toEqual([
      {
        code: "invalid_request",
        path: "body.textToImageParams.text",
        message: "has 536 characters; at most 512 are allowed",
      },
    ])
    expect(error.message).toBe(
      `Bedrock rejected the request to ${model}: body.textToImageParams.text has 536 characters; at most 512 are allowed`,
    )
  })

  it("names the called id if it is not the model's", () => {
    const modelId = "arn:aws:bedrock:us-east-1:123456789012:provisioned-model/x"
    const error = toImageError(named("ThrottlingException", ""), {
      ...circumstances(answered(429)),
      call: { model, modelId },
    })
    expect(error.message).toContain(`${model} (called as ${modelId})`)
  })

  it("within a stream is recognized by its type", () => {
    const attempt = answered(200)
    expect(
      toImageError(named("ThrottlingException", "", { $fault: "client" }), circumstances(attempt)),
    ).toMatchObject({ code: "rate_limited" })
    expect(
      toImageError(
        named("InternalServerException", "", { $fault: "server" }),
        circumstances(attempt),
      ),
    ).toMatchObject({
      code: "provider_failed",
    })
  })

  it("leaves an ImageError unchanged", () => {
    const error = new ImageError({ code: "unauthenticated", message: "blank" })
    expect(toImageError(error, circumstances(createAttempt()))).toBe(error)
  })
})

const signed: Attempt = { ...createAttempt(), signed: true }
const sent: Attempt = { ...signed, sent: true }
const unbilled = { retryable: true, maybeBilled: false }
const doubtful = { retryable: false, maybeBilled: true }
const connect = (code: string) => named("Error", secret, { code, syscall: "connect" })

describe("a call without an answer", () => {
  it.each([
    ["a refused connection", connect("ECONNREFUSED"), sent, { code: "unavailable", ...unbilled }],
    [
      "an unknown host",
      named("Error", secret, { code: "ENOTFOUND", syscall: "getaddrinfo" }),
      sent,
      { code: "unavailable", ...unbilled },
    ],
    [
      "a connection that was never made",
      named("Error", secret, { code: "UND_ERR_CONNECT_TIMEOUT" }),
      signed,
      { code: "unavailable", ...unbilled },
    ],
    [
      "a failed TLS handshake",
      named("Error", secret, { code: "EPROTO" }),
      signed,
      { code: "unavailable", ...unbilled },
    ],
    [
      "a temporary DNS failure",
      named("Error", secret, { code: "EAI_AGAIN", syscall: "getaddrinfo" }),
      sent,
      { code: "unavailable", ...unbilled },
    ],
    [
      "a connect timeout of a handler that does not report when it sends",
      connect("ETIMEDOUT"),
      sent,
      { code: "unavailable", ...doubtful },
    ],
    [
      "a failed TLS handshake of such a handler",
      named("Error", secret, { code: "SELF_SIGNED_CERT_IN_CHAIN" }),
      sent,
      { code: "unavailable", ...doubtful },
    ],
    [
      "a reset after sending",
      named("Error", secret, { code: "ECONNRESET" }),
      sent,
      { code: "unavailable", ...doubtful },
    ],
    [
      "a body cut short",
      named("Error", secret, { code: "ERR_STREAM_PREMATURE_CLOSE" }),
      answered(200),
      { code: "unavailable", ...doubtful },
    ],
  ])("because of %s", (_, error, attempt, expected) => {
    const result = toImageError(error, circumstances(attempt))
    expect(result).toMatchObject(expected)
    expect(`${result.message}${result.cause}`).not.toContain(secret)
  })

  it.each([
    [
      "no credentials",
      named("CredentialsProviderError", `Could not load credentials from any providers ${secret}`),
      "unauthenticated",
      /AWS_ACCESS_KEY_ID.*SSO.*AWS_WEB_IDENTITY_TOKEN_FILE.*CONTAINER.*EC2/,
    ],
    ["a missing token", named("TokenProviderError", secret), "unauthenticated", /set one of them/],
    [
      "an expired SSO session",
      named("CredentialsProviderError", `The SSO session has expired ${secret}`),
      "unauthenticated",
      /aws sso login/,
    ],
    [
      "a role that may not be assumed",
      named("AccessDenied", secret, { $fault: "client", $metadata: { httpStatusCode: 403 } }),
      "unauthenticated",
      /trust policy/,
    ],
    [
      "an unreachable source",
      named("Error", secret, { code: "ECONNREFUSED", syscall: "connect" }),
      "unavailable",
      /source of the credentials/,
    ],
    [
      "a token file that is not there",
      named("Error", secret, { code: "ENOENT", syscall: "open" }),
      "unauthenticated",
      /cannot be read \(ENOENT\)/,
    ],
    [
      "a wrong setting",
      named("Error", `Invalid Configuration ${secret}`),
      "misconfigured",
      /options of bedrock/,
    ],
  ])("because of %s was not sent", (_, error, code, says) => {
    const result = toImageError(error, circumstances(createAttempt()))
    expect(result).toMatchObject({ code, maybeBilled: false })
    expect(result.message).toMatch(says)
    expect(`${result.message}${result.cause}`).not.toContain(secret)
  })

  it.each([
    ["aborted", createAttempt(), { code: "aborted", retryable: false, maybeBilled: false }],
    ["aborted", signed, { code: "aborted", retryable: false, maybeBilled: false }],
    ["aborted", sent, { code: "aborted", ...doubtful }],
    ["timeout", signed, { code: "timeout", ...unbilled }],
    ["timeout", sent, { code: "timeout", ...doubtful }],
  ] as const)("%s at %j", (ended, attempt, expected) => {
    expect(toImageError(new Error("ended"), { ...circumstances(attempt), ended })).toMatchObject(
      expected,
    )
  })
})

describe("Retry-After", () => {
  const now = Date.UTC(2026, 10, 20, 12, 0, 0)

  it.each([
    ["2", 2000],
    [" 30 ", 30_000],
    ["0", 0],
    ["Fri, 20 Nov 2026 12:00:05 GMT", 5000],
    ["Fri, 20 Nov 2026 11:00:00 GMT", 0],
    ["soon", undefined],
    ["-1", undefined],
    ["1.5", undefined],
    ["2026-11-20", undefined],
    ["", undefined],
    [undefined, undefined],
  ])("reads Retry-After %j as %j ms", (header, milliseconds) => {
    expect(parseRetryAfter(header, now)).toBe(milliseconds)
  })
})
