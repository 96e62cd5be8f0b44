import { ImageError, isImageError } from "@pictor/core"
import type { TransportCall } from "@pictor/core/adapter"
import type { Attempt } from "./attempt.ts"
import { type FailureRow, failureTable, otherFailure } from "./failure-table.ts"
import { type Fault, readFault, sanitise } from "./fault.ts"
import { networkFailure, unsentFailure } from "./network-failure.ts"
import { parseRetryAfter } from "./retry-after.ts"
import { readViolations } from "./violation.ts"

/** What is known of a call that failed. */
export interface Circumstances {
  readonly call: Pick<TransportCall, "model" | "modelId">
  readonly region?: string
  readonly attempt: Attempt
  /** Set where it was we who ended it. */
  readonly ended?: "aborted" | "timeout"
  readonly now: number
}

/** The one place where the SDK's errors become Pictor's. The provider's text is read but never passed on: it may quote the prompt. */
export const toImageError = (error: unknown, circumstances: Circumstances): ImageError => {
  if (isImageError(error)) return error
  const fault = readFault(error, circumstances.attempt)
  if (circumstances.ended) return endedError(circumstances.ended, circumstances, fault)
  const answered = fault.status !== undefined && (fault.status >= 300 || fault.modeled)
  if (circumstances.attempt.handed && answered) return answerError(fault, circumstances)
  const failure = circumstances.attempt.handed
    ? networkFailure(fault, circumstances.attempt)
    : unsentFailure(fault)
  return new ImageError({
    ...failure,
    message: fill(failure.message, circumstances),
    ...facts(fault),
  })
}

const endedError = (
  ended: "aborted" | "timeout",
  circumstances: Circumstances,
  fault: Fault,
): ImageError => {
  const maybeBilled = circumstances.attempt.sent
  const verb = ended === "aborted" ? "was aborted" : "ran into its time limit"
  const when = maybeBilled
    ? "after it was sent, so it may have been billed"
    : "before it was sent, so it was not billed"
  return new ImageError({
    code: ended,
    maybeBilled,
    retryable: ended === "timeout" && !maybeBilled,
    message: `The call of ${label(circumstances.call)} ${verb} ${when}${ended === "timeout" ? "; give it a larger timeoutMs" : ""}`,
    ...(fault.requestId && { requestId: fault.requestId }),
  })
}

const answerError = (fault: Fault, circumstances: Circumstances): ImageError => {
  const row =
    failureTable.find((candidate) => fits(candidate, fault)) ?? otherFailure(fault.status ?? 0)
  const issues = row.code === "invalid_request" ? readViolations(fault.text) : []
  const retryAfterMs = parseRetryAfter(fault.headers["retry-after"], circumstances.now)
  const filteredInput = row.code === "content_filtered" ? { stage: stageOf(fault.text) } : {}
  const explained = issues.map(({ path, message }) => `${path} ${message}`).join(", ")
  return new ImageError({
    code: row.code,
    message: fill(row.message, circumstances, fault.text) + (explained && `: ${explained}`),
    retryable: row.retryable ?? false,
    maybeBilled: row.maybeBilled ?? false,
    ...filteredInput,
    ...(issues.length > 0 && { issues }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    ...facts(fault),
  })
}

const fits = ({ on, text }: FailureRow, fault: Fault): boolean =>
  on.some(
    (mark) =>
      mark === fault.type ||
      mark === fault.status ||
      (mark === "html 5xx" && fault.html && (fault.status ?? 0) >= 500),
  ) &&
  (text === undefined || text.test(fault.text))

const stageOf = (text: string): "prompt" | "input-image" =>
  /input image/i.test(text) ? "input-image" : "prompt"

const facts = (
  fault: Fault,
): { readonly requestId?: string; readonly status?: number; readonly cause: Error } => ({
  ...(fault.requestId && { requestId: fault.requestId }),
  ...(fault.status !== undefined && { status: fault.status }),
  cause: sanitise(fault),
})

const label = ({ model, modelId }: Circumstances["call"]): string =>
  model === modelId ? model : `${model} (called as ${modelId})`

const fill = (message: string, { call, region }: Circumstances, text = ""): string =>
  message
    .replace("{model}", () => label(call))
    .replace("{region}", () => region ?? "the region called")
    .replace("{input}", () => (stageOf(text) === "input-image" ? "input image" : "prompt"))
