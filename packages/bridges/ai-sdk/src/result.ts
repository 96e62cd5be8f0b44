import type { SharedV3Warning } from "@ai-sdk/provider"
import type { Change, Cost, ImageError, ImageResult, Slot } from "@pictor/core"
import { defined } from "@pictor/core/host"
import type { CallResult } from "./types.ts"

/** `providerMetadata.pictor` of an image. */
export interface ImageMetadata {
  readonly finishReason: "stop"
  readonly cost: Cost
  readonly seed?: number
  readonly mediaType: string
  readonly width?: number
  readonly height?: number
}

/** A requested image that is not in the result. */
interface LostImage {
  /** Its position among the requested images. */
  readonly index: number
  readonly finishReason: "content-filter" | "error" | "other"
  readonly cost: Cost
  readonly reason: string
}

/** `providerMetadata.pictor` of a call. */
export interface PictorMetadata {
  /** One per image of the call. */
  readonly images: readonly ImageMetadata[]
  /** The requested images that are missing. */
  readonly lost: readonly LostImage[]
  readonly cost: Cost
  readonly model: string
  readonly changes: readonly Change[]
  readonly requestIds: readonly string[]
  readonly attempts?: number
  readonly usage?: ImageResult["usage"]
  /** The stored result of an earlier request with this idempotency key: nothing is charged. */
  readonly replayed?: true
}

export const toResult = (
  result: ImageResult,
  timestamp: Date,
  warnings: readonly SharedV3Warning[],
): CallResult => {
  const { images, slots, cost, model, changes, requestIds, attempts, usage, replayed } = result
  const lost = lostImages(slots)
  const metadata: PictorMetadata = {
    images: slots.flatMap(imageMetadata),
    lost,
    cost,
    model,
    changes,
    requestIds,
    attempts,
    ...defined({ usage, replayed }),
  }
  const tokens = usage && tokensOf(usage)
  return {
    images: images.map((image) => image.bytes()),
    warnings: [
      ...warnings,
      ...changes.map(changeWarning),
      ...result.warnings.map((message) => ({ type: "other" as const, message })),
      ...lost.map((each) => lostWarning(each, slots.length)),
    ],
    providerMetadata: { pictor: toJson(metadata) },
    response: { timestamp, modelId: model, headers: undefined },
    ...(tokens && { usage: tokens }),
  }
}

/** The result of a request whose images were all filtered. */
export const emptyResult = (
  { message, slots = [], cost = noCost, requestId }: ImageError,
  model: string,
  timestamp: Date,
): CallResult => ({
  images: [],
  isRetryable: false,
  warnings: [{ type: "other", message }],
  providerMetadata: {
    pictor: toJson({
      images: [],
      lost: lostImages(slots),
      cost,
      model,
      changes: [],
      requestIds: requestId === undefined ? [] : [requestId],
    }),
  },
  response: { timestamp, modelId: model, headers: undefined },
})

const noCost: Cost = { microUsd: 0, maybeMicroUsd: 0, unpricedImages: 0 }

type JsonMetadata = CallResult["providerMetadata"][string]

const toJson = (metadata: PictorMetadata): JsonMetadata => metadata as unknown as JsonMetadata

const imageMetadata = (slot: Slot): readonly ImageMetadata[] => {
  if (slot.status !== "delivered") return []
  const { seed, mediaType, width, height } = slot.image
  const isMeasured = !Number.isNaN(width)
  return [
    {
      finishReason: "stop",
      cost: slot.cost,
      mediaType,
      ...defined({ seed }),
      ...(isMeasured && { width, height }),
    },
  ]
}

const lostImages = (slots: readonly Slot[]): readonly LostImage[] =>
  slots.flatMap((slot, index): readonly LostImage[] => {
    const { cost } = slot
    if (slot.status === "delivered") return []
    if (slot.status === "filtered") {
      const reason = `filtered (${slot.stage}): ${slot.reason}`
      return [{ index, finishReason: "content-filter", cost, reason }]
    }
    return slot.status === "failed"
      ? [{ index, finishReason: "error", cost, reason: slot.error.message }]
      : [{ index, finishReason: "other", cost, reason: "not attempted" }]
  })

const lostWarning = ({ index, reason }: LostImage, requested: number): SharedV3Warning => ({
  type: "other",
  message: `Image ${index + 1} of ${requested} is missing: ${reason}`,
})

const changeWarning = ({ field, action, from, to, why }: Change): SharedV3Warning =>
  action === "dropped"
    ? { type: "unsupported", feature: field, details: why }
    : { type: "compatibility", feature: field, details: `${shownChange(field, from, to)}${why}` }

/** A caller's text is never repeated: the AI SDK logs warnings. */
const shownChange = (field: string, from: unknown, to: unknown): string => {
  const parts = [to].flat()
  return !/prompt/i.test(field) && isShown(from) && parts.every(isShown)
    ? `${from} is now ${parts.join("+")}: `
    : ""
}

const isShown = (value: unknown): boolean =>
  typeof value === "number" || (typeof value === "string" && /^[\w.:-]{1,24}$/.test(value))

const tokensOf = (usage: NonNullable<ImageResult["usage"]>): CallResult["usage"] => {
  const inputTokens = sum([
    usage.inputTextToken,
    usage.inputImageToken,
    usage.cachedInputTextToken,
    usage.cachedInputImageToken,
  ])
  const outputTokens = sum([usage.outputTextToken, usage.outputImageToken])
  const totalTokens = sum([inputTokens, outputTokens])
  return totalTokens === undefined ? undefined : { inputTokens, outputTokens, totalTokens }
}

/** Undefined where nothing was counted: unknown is not 0. */
const sum = (counts: readonly (number | undefined)[]): number | undefined => {
  const counted = counts.filter((count) => count !== undefined)
  return counted.length === 0 ? undefined : counted.reduce((total, count) => total + count, 0)
}
