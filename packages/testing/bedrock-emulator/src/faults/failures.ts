/** An error that Bedrock answers instead of running the model. */
export type Failure = { readonly status: number; readonly type: string; readonly message: string }

/**
 * The errors by the kind of fault; `{model}` stands for the model id as it was sent.
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InvokeModel.html and
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/CommonErrors.html, seen 2026-11-20
 */
export const failures = {
  throttle: {
    status: 429,
    type: "ThrottlingException",
    message: "Too many requests, please wait before trying again.",
  },
  "not-ready": {
    status: 429,
    type: "ModelNotReadyException",
    message: "The model is not ready for inference. Try again later.",
  },
  quota: {
    status: 400,
    type: "ServiceQuotaExceededException",
    message: "Your request exceeds the service quota for your account.",
  },
  "model-timeout": {
    status: 408,
    type: "ModelTimeoutException",
    message: "Model has timed out in processing the request. Try your request again.",
  },
  "model-error": {
    status: 424,
    type: "ModelErrorException",
    message:
      "The system encountered an unexpected error during processing. Try your request again.",
  },
  "no-access": {
    status: 403,
    type: "AccessDeniedException",
    message: "You don't have access to the model with the specified model ID.",
  },
  "operation-not-allowed": {
    status: 400,
    type: "ValidationException",
    message: "Operation not allowed",
  },
  "unrecognized-client": {
    status: 403,
    type: "UnrecognizedClientException",
    message: "The security token included in the request is invalid.",
  },
  "invalid-signature": {
    status: 403,
    type: "InvalidSignatureException",
    message:
      "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.",
  },
  "expired-token": {
    status: 403,
    type: "ExpiredTokenException",
    message: "The security token included in the request is expired",
  },
  retired: {
    status: 404,
    type: "ResourceNotFoundException",
    message:
      "This model version has reached the end of its life. Please refer to the AWS documentation for more details.",
  },
  legacy: {
    status: 404,
    type: "ResourceNotFoundException",
    message:
      "Access denied. This Model is marked by provider as Legacy and you have not been actively using the model in the last 30 days. Please upgrade to an active model on Amazon Bedrock",
  },
  "unknown-model": {
    status: 404,
    type: "ResourceNotFoundException",
    message: "Could not resolve the foundation model from the model identifier: {model}",
  },
  "on-demand": {
    status: 400,
    type: "ValidationException",
    message:
      "Invocation of model ID {model} with on-demand throughput isn't supported. Retry your request with the ID or ARN of an inference profile that contains this model.",
  },
  internal: {
    status: 500,
    type: "InternalServerException",
    message:
      "The system encountered an unexpected error during processing. Try your request again.",
  },
  unavailable: {
    status: 503,
    type: "ServiceUnavailableException",
    message: "The service isn't currently available. Try again later.",
  },
  overloaded: { status: 529, type: "overloaded_error", message: "Overloaded" },
} as const satisfies { readonly [kind: string]: Failure }

export type FailureKind = keyof typeof failures

export const isFailureKind = (kind: string): kind is FailureKind => Object.hasOwn(failures, kind)
