import { type ImageModelV4, type ImageModelV4CallOptions, NoSuchModelError } from "@ai-sdk/provider"
import { isImageError, type ModelCard, type Pictor, type PictorFor } from "@pictor/core"
import { checkOptionNames, defined } from "@pictor/core/host"
import { isAbort, toAbortError, toSdkError } from "./errors.ts"
import { toRequest } from "./request.ts"
import { emptyResult, toResult } from "./result.ts"
import type {
  CallResult,
  PictorImageModelV3,
  PictorProvider,
  PictorProviderOptions,
  PictorProviderV3,
} from "./types.ts"

type Client<Models> = Pictor | PictorFor<Models>

/**
 * Creates a provider of the AI SDK from a client.
 *
 * @example
 * const provider = createPictorProvider(createPictor({ adapters: [echo(echoTransport())] }))
 * const model = provider.imageModel("echo-v1")
 * const { image } = await generateImage({ model, prompt: "A tea house." })
 */
export function createPictorProvider<Models = unknown>(
  pictor: Client<Models>,
  options: PictorProviderOptions & { readonly specificationVersion: "v3" },
): PictorProviderV3<Models>
export function createPictorProvider<Models = unknown>(
  pictor: Client<Models>,
  options?: PictorProviderOptions & { readonly specificationVersion?: "v4" },
): PictorProvider<Models>
export function createPictorProvider(
  pictor: Pictor,
  options: PictorProviderOptions = {},
): PictorProvider | PictorProviderV3 {
  checkOptionNames("createPictorProvider", options, {
    specificationVersion: true,
    imageOps: true,
    fetchImage: true,
  })
  if (options.specificationVersion === "v3") {
    const imageModel = (modelId: string) => createModelV3(pictor, modelId, options)
    return { specificationVersion: "v3", ...noOtherModels, imageModel, image: imageModel }
  }
  const imageModel = (modelId: string) => createModelV4(pictor, modelId, options)
  return { specificationVersion: "v4", ...noOtherModels, imageModel, image: imageModel }
}

const noOtherModels = {
  languageModel: (modelId: string): never => {
    throw new NoSuchModelError({ modelId, modelType: "languageModel" })
  },
  embeddingModel: (modelId: string): never => {
    throw new NoSuchModelError({ modelId, modelType: "embeddingModel" })
  },
}

const createModelV4 = (
  pictor: Pictor,
  modelId: string,
  options: PictorProviderOptions,
): ImageModelV4 => ({
  specificationVersion: "v4",
  ...descriptionOf(pictor, modelId),
  ...capabilitiesOf(findCard(pictor, modelId)),
  doGenerate: (call) => generate(pictor, modelId, call, options),
})

const createModelV3 = (
  pictor: Pictor,
  modelId: string,
  options: PictorProviderOptions,
): PictorImageModelV3 => ({
  specificationVersion: "v3",
  ...descriptionOf(pictor, modelId),
  doGenerate: (call) => generate(pictor, modelId, call, options),
})

const descriptionOf = ({ maxImages }: Pictor, modelId: string) => ({
  provider: "pictor",
  modelId,
  maxImagesPerCall: maxImages,
})

/** Undefined for a name that only middleware knows, and for an unknown one. */
const findCard = (pictor: Pictor, modelId: string): ModelCard | undefined => {
  try {
    return pictor.model(modelId).card
  } catch {
    return undefined
  }
}

const capabilitiesOf = (
  card: ModelCard | undefined,
): Pick<ImageModelV4, "supportsFileInputs" | "supportsMaskInputs"> => {
  if (!card) return {}
  const fields = Object.values(card.tasks).map((task) => task.fields)
  return {
    supportsFileInputs: fields.some(
      ({ image, images, styleImage, referenceImage }) =>
        (image ?? images ?? styleImage ?? referenceImage) !== undefined,
    ),
    supportsMaskInputs: fields.some(({ mask }) => mask !== undefined),
  }
}

const generate = async (
  pictor: Pictor,
  modelId: string,
  call: ImageModelV4CallOptions,
  options: PictorProviderOptions,
): Promise<CallResult> => {
  const timestamp = new Date()
  try {
    const card = findCard(pictor, modelId)
    const { request, timeoutMs, warnings } = await toRequest(modelId, call, { ...options, card })
    const result = await pictor.generate(request, defined({ signal: call.abortSignal, timeoutMs }))
    return toResult(result, timestamp, warnings)
  } catch (error) {
    if (!isImageError(error)) throw error
    if (isAbort(error, call.abortSignal)) throw toAbortError(error, call.abortSignal)
    if (error.code === "content_filtered" && options.specificationVersion !== "v3")
      return emptyResult(error, modelId, timestamp)
    throw toSdkError(error, modelId, call.n)
  }
}
