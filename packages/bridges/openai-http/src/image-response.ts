import {
  type Change,
  type Cost,
  type Image,
  type ImageAbout,
  ImageError,
  type ImageResult,
  type ImageStore,
  isImageError,
} from "@pictor/core"
import { lostSlots } from "./errors.ts"
import type { ParsedRequest } from "./parse-request.ts"
import { withoutCodeAdvice } from "./public-names.ts"
import { bufferedResponse, costHeaders, headerText, type Piece, toCost } from "./response.ts"
import type { HttpResponse } from "./types.ts"

/** A result whose changes have public names. The time limit may have cut it short. */
export interface GenerationResult
  extends Pick<
    ImageResult,
    "images" | "slots" | "cost" | "usage" | "model" | "changes" | "warnings"
  > {
  /** What the host learns. */
  readonly outcome: Pick<HttpResponse, "result" | "error">
}

export interface InlineImage {
  readonly image: Image
  readonly base64: Uint8Array
}

type DeliveredImage = InlineImage | { readonly image: Image; readonly url: string }

export interface Delivery {
  readonly parsed: ParsedRequest
  readonly result: GenerationResult
  readonly images: readonly DeliveredImage[]
  readonly created: number
}

export const inlineImage = (image: Image): readonly InlineImage[] => {
  try {
    return [{ image, base64: image.base64Bytes() }]
  } catch (error) {
    if (isImageError(error)) return []
    throw error
  }
}

export const unreadableWarnings = (count: number): readonly string[] =>
  count > 0 ? [`${count} ${count === 1 ? "image is" : "images are"} unreadable.`] : []

/** Stores an image under a name of 244 random bits. If that fails, the image is sent inline. */
const storeImage = async (
  image: Image,
  about: ImageAbout,
  store: ImageStore,
): Promise<readonly DeliveredImage[]> => {
  const key = `${crypto.randomUUID()}${crypto.randomUUID()}.${image.extension}`
  try {
    await store.put(key, image, about)
    const url = await store.url(key)
    if (url !== undefined) return [{ image, url }]
  } catch {
    // The warning of the response reports it.
  }
  return inlineImage(image)
}

const aboutOf = (
  { request: { tags = {}, account = {} } }: ParsedRequest,
  { slots, model }: GenerationResult,
  image: Image,
  created: number,
): ImageAbout => {
  const slot = slots.find((each) => each.status === "delivered" && each.image === image)
  const cost = slot?.cost ?? { microUsd: 0, maybeMicroUsd: 0, unpricedImages: 1 }
  const day = new Date(created * 1000).toISOString().slice(0, 10)
  return { model, day, tags, account, cost, recipe: image.recipe }
}

export const prepareDelivery = async (
  parsed: ParsedRequest,
  result: GenerationResult,
  store: ImageStore | undefined,
  created: number,
): Promise<Delivery> => {
  const aboutImage = (image: Image): ImageAbout => aboutOf(parsed, result, image, created)
  const images = store
    ? (
        await Promise.all(result.images.map((image) => storeImage(image, aboutImage(image), store)))
      ).flat()
    : result.images.flatMap(inlineImage)
  if (images.length === 0)
    throw new ImageError({
      code: "invalid_response",
      message: "No image of the reply is readable.",
      maybeBilled: true,
    })
  const notStored = store ? images.filter((each) => "base64" in each).length : 0
  const warnings = [
    ...result.warnings,
    ...(notStored > 0
      ? [`${notStored} of ${images.length} images could not be stored and are sent as b64_json.`]
      : []),
    ...unreadableWarnings(result.images.length - images.length),
  ]
  return { parsed, result: { ...result, warnings }, images, created }
}

/** OpenAI's description of an image. Unknown members are left out. */
export const describeImage = (
  { values: { quality, background } }: ParsedRequest,
  changes: readonly Change[],
  { width, height, mediaType, extension }: Image,
) => ({
  size: Number.isFinite(width) && Number.isFinite(height) ? `${width}x${height}` : undefined,
  quality: changes.some(({ field, action }) => field === "quality" && action === "dropped")
    ? undefined
    : quality,
  output_format: extension === "bin" ? undefined : mediaType.slice("image/".length),
  background: background === "auto" ? undefined : background,
})

/** Clients read it without a check. Models that count no tokens have zeros. */
export const usageOf = (counted: ImageResult["usage"] = {}) => {
  const text = (counted.inputTextToken ?? 0) + (counted.cachedInputTextToken ?? 0)
  const image = (counted.inputImageToken ?? 0) + (counted.cachedInputImageToken ?? 0)
  const { outputTextToken = 0, outputImageToken = 0 } = counted
  const output = outputTextToken + outputImageToken
  return {
    input_tokens: text + image,
    input_tokens_details: { image_tokens: image, text_tokens: text },
    output_tokens: output,
    ...(output > 0 && {
      output_tokens_details: { image_tokens: outputImageToken, text_tokens: outputTextToken },
    }),
    total_tokens: text + image + output,
  }
}

/** What OpenAI's response has no field for. */
export const reportOf = ({ result, images }: Delivery) => ({
  model: result.model,
  cost: toCost(result.cost),
  seeds: images.map(({ image }) => image.seed ?? null),
  changes: result.changes,
  warnings: result.warnings.map(withoutCodeAdvice),
  slots: lostSlots(result.slots),
})

export const base64Pieces = (head: string, base64: Uint8Array, tail: string): readonly Piece[] => [
  `${head}"b64_json":"`,
  base64,
  `"${tail}`,
]

/** A stream sends its headers before the cost is known. */
export const imageHeaders = (
  parsed: ParsedRequest,
  model: string,
  changes: readonly Change[],
  cost?: Cost,
): Readonly<Record<string, string>> => {
  const list = changes.slice(0, 20).map(({ field, action }) => `${field}=${action}`)
  return {
    "x-pictor-model": headerText(model),
    "x-litellm-model-group": headerText(parsed.request.model),
    ...(cost && costHeaders(cost)),
    ...(list.length > 0 && { "x-pictor-changes": headerText(list.join(", ")) }),
  }
}

/** The JSON response. Each image's base64 is the provider's bytes, between pieces of JSON. */
export const imagesResponse = (delivery: Delivery): HttpResponse => {
  const { parsed, result, images, created } = delivery
  const [first] = images
  const tail = JSON.stringify({
    ...(first && describeImage(parsed, result.changes, first.image)),
    usage: usageOf(result.usage),
    pictor: reportOf(delivery),
  })
  const headers = imageHeaders(parsed, result.model, result.changes, result.cost)
  const pieces: readonly Piece[] = [
    `{"created":${created},"data":[`,
    ...images.flatMap((each, index): readonly Piece[] => {
      const head = `${index === 0 ? "" : ","}{`
      return "base64" in each
        ? base64Pieces(head, each.base64, "}")
        : [`${head}"url":${JSON.stringify(each.url)}}`]
    }),
    `],${tail.slice(1)}`,
  ]
  return { ...bufferedResponse(pieces, "application/json", headers), ...result.outcome }
}
