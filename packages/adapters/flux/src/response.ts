import {
  type Decoded,
  type FilterStage,
  type ImageData,
  isImageData,
  type Outcome,
  type Units,
} from "@pictor/core/adapter"

type UnknownRecord = Readonly<Record<string, unknown>>

const microUsdOfCredit = 10_000

/** Reads the answer to the poll of a job that has ended. It has one image and its cost. */
export const decode = (reply: unknown, count: number): Decoded => {
  const { status, result, cost, input_mp: input, output_mp: output, details } = recordOf(reply)
  const { sample, seed } = recordOf(result)
  const usage: Units = {
    ...(isAmount(cost) && { credit: cost }),
    ...(isAmount(input) && { inputMegapixel: input }),
    ...(isAmount(output) && { outputMegapixel: output }),
  }
  const outcome = status === "Ready" ? readyOutcome(sample, seed, cost) : endOf(status, details)
  const missing = Array.from({ length: Math.max(0, count - 1) }, () => oneImage)
  return {
    outcomes: [outcome, ...missing],
    ...(Object.keys(usage).length > 0 && { usage }),
    ...(isAmount(cost) && { microUsd: cost * microUsdOfCredit }),
  }
}

const oneImage: Outcome = {
  status: "failed",
  code: "invalid_response",
  message: "A call makes one image.",
}

const readyOutcome = (sample: unknown, seed: unknown, cost: unknown): Outcome => {
  if (isPicture(sample))
    return {
      status: "delivered",
      data: sample,
      ...(Number.isSafeInteger(seed) && { seed: seed as number }),
    }
  const isUrl = typeof sample === "string" && sample !== ""
  return {
    status: "failed",
    code: isUrl ? "provider_failed" : "invalid_response",
    message: isUrl
      ? "The image was made and is no longer there: its URL has expired. It was charged."
      : "The job is ready, and its result has no image.",
    retryable: false,
    ...(isUrl || (isAmount(cost) && cost > 0) ? { billed: true as const } : {}),
  }
}

/** The transport puts the fetched file in the place of its URL. */
const isPicture = (sample: unknown): sample is ImageData =>
  typeof sample === "object" && isImageData(sample)

/** How a job ended without an image. Free: the provider's pages name no charge. */
const endOf = (status: unknown, details: unknown): Outcome => {
  if (status === "Request Moderated")
    return filtered(stageOf(details), "The request was refused by the provider's moderation.")
  if (status === "Content Moderated")
    return filtered("output", "The image was refused by the provider's moderation.")
  const isKnown = status === "Error" || status === "Failed"
  return {
    status: "failed",
    code: isKnown ? "provider_failed" : "invalid_response",
    message: isKnown
      ? `The provider ended the job with the status ${status}.`
      : "The reply has no status of a job that has ended.",
    retryable: isKnown,
  }
}

const filtered = (stage: FilterStage, reason: string): Outcome => ({
  status: "filtered",
  stage,
  reason,
})

/** What was refused, where the reply says so. Its words are read and never passed on. */
const stageOf = (details: unknown): FilterStage =>
  /image/i.test(JSON.stringify(recordOf(details)).slice(0, 2_000)) ? "input-image" : "prompt"

const isAmount = (value: unknown): value is number =>
  typeof value === "number" && value >= 0 && value <= Number.MAX_SAFE_INTEGER / microUsdOfCredit

const recordOf = (value: unknown): UnknownRecord =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as UnknownRecord)
    : {}
