import { imageError, invalidRequest } from "../contract/errors.ts"
import type { ImageResult } from "../contract/generate.ts"
import type { Image, Recipe } from "../contract/image.ts"
import type { ImageRequest, ImageSource, JsonObject } from "../contract/request.ts"
import { hasTexts, isObject, isRecord, mapValues } from "../lib/object.ts"
import { createDiagnostics } from "../planning/diagnostics.ts"
import { type Input, readInput } from "../planning/inputs/read-image.ts"
import type { Planned, Planning } from "../planning/types.ts"

type Inputs = Readonly<Record<string, ImageSource>>

/** Plans the one call of a recipe again. */
export const planReplay = async (
  { plan }: Planning,
  recipe: Recipe,
  inputs?: Inputs,
): Promise<Planned> => {
  if (!isRecipe(recipe))
    throw invalidRequest("The recipe must be the unaltered `recipe` of an image.")
  const request = await withInputs(requestOf(recipe), inputs)
  const planned = await plan(request, { region: recipe.region })
  if (planned.plan.calls.length === 1 && recipe.index < recipe.callImages) return planned
  throw invalidRequest(
    `The recipe does not fit ${recipe.model}: its ${recipe.callImages} images are not one call.`,
  )
}

export const imageAt = ({ slots, cost }: ImageResult, index: number): Image => {
  const slot = slots[index]
  if (slot?.status === "delivered") return slot.image
  const error = slot?.status === "failed" ? slot.error : undefined
  throw imageError(
    error?.code ?? "content_filtered",
    `Image ${index} of the call was not delivered again.`,
    { slots, cost, cause: error },
  )
}

const isRecipe = (value: unknown): value is Recipe =>
  isObject(value) && "v" in value && value.v === 1 && "callImages" in value

const requestOf = ({ replayable, reason, ...recipe }: Recipe): ImageRequest => {
  if (!replayable)
    throw imageError(
      "unsupported",
      `This image cannot be requested again: ${reason ?? "its seed is unknown"}.`,
    )
  const { request, model, modelId, callSeed, callImages } = recipe
  return {
    ...request,
    model,
    modelId,
    n: callImages,
    ...(callSeed !== undefined && { seed: callSeed }),
  }
}

const isDigest = (value: unknown): value is { readonly sha256: string } =>
  hasTexts(value, "sha256", "mediaType")

const hasDigest = (value: unknown): boolean =>
  isDigest(value) ||
  ((Array.isArray(value) || isRecord(value)) && Object.values(value).some(hasDigest))

/** Replaces the hashes of a recipe by the images of these hashes, whatever their names are. */
const withInputs = async (request: ImageRequest, inputs: Inputs = {}): Promise<ImageRequest> => {
  if (!hasDigest(request)) return request
  const diagnostics = createDiagnostics(false)
  const given = await Promise.all(
    Object.entries(inputs).map(([name, source]) =>
      readInput(`inputs.${name}`, source, diagnostics),
    ),
  )
  const byHash = new Map(
    given.flatMap((input: Input | undefined) =>
      input ? [[input.image.sha256, input.image.base64] as const] : [],
    ),
  )
  const restore = (field: string, value: unknown): unknown => {
    if (Array.isArray(value)) return value.map((each, index) => restore(`${field}.${index}`, each))
    if (!isDigest(value))
      return isRecord(value)
        ? mapValues(value, (each, key) => restore(`${field}.${key}`, each))
        : value
    const image = byHash.get(value.sha256)
    if (image === undefined)
      diagnostics.invalid(
        `inputs.${field}`,
        `inputs.${field} is missing: give the image with the SHA-256 ${value.sha256}.`,
        { allowed: value.sha256 },
      )
    return image
  }
  const restored = mapValues(request as ImageRequest & JsonObject, (value, field) =>
    restore(field, value),
  )
  const { issues } = diagnostics
  if (issues[0]) throw imageError("invalid_request", issues[0].message, { issues })
  return restored as unknown as ImageRequest
}
