import { type Change, formatUsd, type ImageResult } from "@pictor/core"
import type { ImageGenerationOptions, ImageGenerationResult, TokenUsage } from "@tanstack/ai"

type Log = ImageGenerationOptions["logger"]

export const toResult = (id: string, result: ImageResult): ImageGenerationResult => ({
  id,
  model: result.model,
  images: result.images.map((image) => ({ b64Json: image.base64() })),
  usage: usageOf(result),
})

/** `cost` is absent if the price of an image is unknown, or if it is not sure what is charged. */
const usageOf = ({ slots, cost, usage = {} }: ImageResult): TokenUsage => {
  const { microUsd, maybeMicroUsd, unpricedImages } = cost
  const promptTokens = sum([
    usage.inputTextToken,
    usage.inputImageToken,
    usage.cachedInputTextToken,
    usage.cachedInputImageToken,
  ])
  const completionTokens = sum([usage.outputTextToken, usage.outputImageToken])
  const totalTokens = promptTokens + completionTokens
  const charged = slots.filter((slot) => slot.cost.microUsd > 0 || slot.status === "delivered")
  const isSure = unpricedImages === 0 && maybeMicroUsd === 0
  return {
    promptTokens,
    completionTokens,
    totalTokens,
    ...(totalTokens === 0 && { billed: billedOf(usage, charged.length) }),
    ...(isSure && { cost: microUsd / 1_000_000 }),
    providerUsageDetails: { microUsd, maybeMicroUsd, unpricedImages },
  }
}

const billedOf = (
  { inputMegapixel = 0, outputMegapixel = 0, credit = 0 }: NonNullable<ImageResult["usage"]>,
  images: number,
): NonNullable<TokenUsage["billed"]> => {
  const megapixels = inputMegapixel + outputMegapixel
  if (credit > 0) return { quantity: credit, unit: "credits" }
  return megapixels > 0
    ? { quantity: megapixels, unit: "megapixels" }
    : { quantity: images, unit: "images" }
}

const sum = (counts: readonly (number | undefined)[]): number =>
  counts.reduce<number>((total, count = 0) => total + count, 0)

/** What TanStack AI's result has no place for. Losses are warnings, which are logged by default. */
export const logResult = (logger: Log, { changes, warnings, slots, cost }: ImageResult): void => {
  for (const change of changes)
    if (change.action !== "mapped" && change.action !== "split") logger.warn(changeText(change))
  for (const warning of warnings) logger.warn(warning)
  for (const [index, slot] of slots.entries()) {
    const image = `Image ${index + 1} of ${slots.length}`
    if (slot.status === "filtered")
      logger.warn(`${image} was filtered (${slot.stage}): ${slot.reason}`)
    else if (slot.status === "failed") logger.warn(`${image} failed: ${slot.error.message}`)
    else if (slot.status === "not-attempted") logger.warn(`${image} was not attempted.`)
  }
  logger.provider(`activity=image provider=pictor cost=${formatUsd(cost)}`, {
    changes: changes.map(changeText),
    images: slots.flatMap((slot) =>
      slot.status === "delivered" ? [{ seed: slot.image.seed, cost: formatUsd(slot.cost) }] : [],
    ),
  })
}

/** Without the values: they may be a caller's text. */
const changeText = ({ field, action, why }: Change): string => `${field} is ${action}: ${why}`
