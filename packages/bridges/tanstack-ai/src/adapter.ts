import {
  type ImageRequest,
  type ImageResult,
  isImageError,
  type ModelCard,
  type ModelId,
  type Pictor,
  type PictorFor,
} from "@pictor/core"
import { checkOptionNames, defined, joinFields, toEditFields } from "@pictor/core/host"
import type { ImageGenerationOptions, ImageGenerationResult } from "@tanstack/ai"
import { readPrompt } from "./prompt.ts"
import { logResult, toResult } from "./result.ts"
import type { PictorImageAdapter, PictorImageOptions } from "./types.ts"

/**
 * Creates image adapters of TanStack AI from a client.
 *
 * @example
 * const pictorImage = createPictorImage(createPictor({ adapters: [echo(echoTransport())] }))
 * await generateImage({ adapter: pictorImage("echo-v1"), prompt: "A tea house." })
 */
export const createPictorImage = <Models = unknown>(
  pictor: Pictor | PictorFor<Models>,
  options: PictorImageOptions = {},
): (<const Model extends ModelId<Models>>(model: Model) => PictorImageAdapter<Models, Model>) => {
  checkOptionNames("createPictorImage", options, {
    onResult: true,
    imageOps: true,
    fetchImage: true,
  })
  return (model) => {
    const generateImages = (call: Call) => generate(pictor, model, call, options)
    const adapter = { kind: "image", name: "pictor", model, generateImages } as const
    return adapter as unknown as PictorImageAdapter<Models, typeof model>
  }
}

type Call = ImageGenerationOptions

const generate = async (
  pictor: Pictor,
  model: string,
  call: Call,
  options: PictorImageOptions,
): Promise<ImageGenerationResult> => {
  const { logger, abortSignal } = call
  try {
    const { request, timeoutMs } = await toRequest(pictor, model, call, options)
    logger.request(`activity=image provider=pictor model=${model} n=${request.n ?? 1}`, {
      provider: "pictor",
      model,
    })
    const result = await pictor.generate(request, defined({ signal: abortSignal, timeoutMs }))
    logResult(logger, result)
    report(result, call, options)
    return toResult(result.requestIds[0] ?? crypto.randomUUID(), result)
  } catch (error) {
    logger.errors("pictor.generateImages failed", {
      error: isImageError(error) ? error.toJSON() : error,
      source: "pictor.generateImages",
    })
    throw error
  }
}

/** The images are paid for: an error of the observer does not lose them. */
const report = (result: ImageResult, { logger }: Call, { onResult }: PictorImageOptions): void => {
  try {
    onResult?.(result)
  } catch (error) {
    logger.errors("onResult threw an error. The images are in the result.", { error })
  }
}

const toRequest = async (
  pictor: Pictor,
  model: string,
  { prompt, numberOfImages, size, modelOptions = {}, abortSignal }: Call,
  { imageOps, fetchImage }: PictorImageOptions,
): Promise<{ readonly request: ImageRequest; readonly timeoutMs: number | undefined }> => {
  const { timeoutMs, ...own } = modelOptions as { readonly timeoutMs?: number }
  const { prompt: words, sources } = readPrompt(prompt)
  const isRatio = size?.includes(":") === true
  const given = {
    model,
    prompt: words,
    n: numberOfImages,
    ...(isRatio ? { aspectRatio: size } : { size }),
  }
  const fields = joinFields(defined(given), own, "modelOptions")
  const isEdit = typeof prompt !== "string" && prompt.some(({ type }) => type === "image")
  const card = findCard(pictor, model)
  const tools = { card, imageOps, fetchImage, signal: abortSignal }
  const request = isEdit ? await toEditFields(fields, sources, tools) : fields
  return { request: request as unknown as ImageRequest, timeoutMs }
}

/** Undefined for a name that only middleware knows, and for an unknown one. */
const findCard = (pictor: Pictor, model: string): ModelCard | undefined => {
  try {
    return pictor.model(model).card
  } catch {
    return undefined
  }
}
