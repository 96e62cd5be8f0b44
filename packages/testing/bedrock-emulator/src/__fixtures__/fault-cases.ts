import type { FaultKind } from "../faults/fault.ts"

/** The smallest picture of Nova Canvas, requested twice. */
export const novaBody = {
  taskType: "TEXT_IMAGE",
  textToImageParams: { text: "Sri lanka tea plantation." },
  imageGenerationConfig: { width: 320, height: 320, seed: 7, numberOfImages: 2 },
}

export const novaId = "amazon.nova-canvas-v1:0"

export type FaultCase = {
  readonly kind: FaultKind
  readonly settings?: string
  /** The part of the AWS SDK's error that does not depend on the transport. */
  readonly error?: {
    readonly name?: string
    readonly $metadata?: { readonly httpStatusCode: number }
  }
  /** The number of images in the reply, and part of its `error`. */
  readonly images?: number
  readonly text?: string
}

const failure = (name: string, httpStatusCode: number): NonNullable<FaultCase["error"]> => ({
  name,
  $metadata: { httpStatusCode },
})

/** All faults, as a caller of Nova Canvas with the AWS SDK sees them. */
export const faultCases: readonly FaultCase[] = [
  { kind: "throttle", error: failure("ThrottlingException", 429) },
  { kind: "not-ready", error: failure("ModelNotReadyException", 429) },
  { kind: "quota", error: failure("ServiceQuotaExceededException", 400) },
  { kind: "model-timeout", error: failure("ModelTimeoutException", 408) },
  { kind: "model-error", error: failure("ModelErrorException", 424) },
  { kind: "no-access", error: failure("AccessDeniedException", 403) },
  { kind: "operation-not-allowed", error: failure("ValidationException", 400) },
  { kind: "unrecognized-client", error: failure("UnrecognizedClientException", 403) },
  { kind: "invalid-signature", error: failure("InvalidSignatureException", 403) },
  { kind: "expired-token", error: failure("ExpiredTokenException", 403) },
  { kind: "retired", error: failure("ResourceNotFoundException", 404) },
  { kind: "legacy", error: failure("ResourceNotFoundException", 404) },
  { kind: "unknown-model", error: failure("ResourceNotFoundException", 404) },
  { kind: "on-demand", error: failure("ValidationException", 400) },
  { kind: "internal", error: failure("InternalServerException", 500) },
  { kind: "unavailable", error: failure("ServiceUnavailableException", 503) },
  { kind: "overloaded", error: failure("overloaded_error", 529) },
  { kind: "filtered-input", error: failure("ValidationException", 400) },
  { kind: "filtered-input-image", error: failure("ValidationException", 400) },
  {
    kind: "filtered-output",
    images: 0,
    text: "All of the generated images have been blocked by our content filters.",
  },
  {
    kind: "filtered-some",
    images: 1,
    text: "Some of the generated images have been blocked by our content filters.",
  },
  { kind: "artifact-error", images: 0 },
  { kind: "inference-error", images: 0 },
  { kind: "guardrail", images: 0 },
  { kind: "too-many-images", images: 3 },
  { kind: "missing-images", images: 1 },
  { kind: "slow-first-byte", settings: ";ms=20", images: 2 },
  { kind: "slow-body", settings: ";ms=2", images: 2 },
  { kind: "html-502", error: failure("SyntaxError", 502) },
  { kind: "no-errortype", error: failure("Unknown", 400) },
  { kind: "malformed", error: { name: "SyntaxError" } },
  { kind: "cut", error: {} },
]
