import { ImageError, imageError, invalidRequest } from "../contract/errors.ts"
import type { ImageRequest, ImageSource, JsonObject } from "../contract/request.ts"
import type { Image, ImageResult, Recipe } from "../contract/result.ts"
import { isObject, isRecord, mapValues } from "../lib/object.ts"
import { createDiagnostics } from "../planning/diagnostics.ts"
import { type Input, readInput } from "../planning/inputs/read-image.ts"
import type { Planned, Planning } from "../planning/types.ts"
import { isRecipe } from "./outcome.ts"

const requestOf = ({
  request,
  model,
  modelId,
  callSeed,
  callImages,
  replayable,
  reason,
}: Recipe): ImageRequest => {
  if (!replayable)
    throw imageError(
      "unsupported",
      `This image cannot be ordered again: ${reason ?? "no seed is known"}.`,
    )
  return {
    ...request,
    model,
    modelId,
    n: callImages,
    ...(callSeed === undefined ? {} : { seed: callSeed }),
  }
}

/** The one call of a recipe, planned again. */
export const planAgain = async (
  { plan }: Planning,
  recipe: Recipe,
  inputs?: Readonly<Record<string, ImageSource>>,
): Promise<Planned> => {
  if (!isObject(recipe) || !isRecipe(recipe))
    throw invalidRequest("This is no recipe: give the one of an image, as it was.")
  const planned = await plan(await withInputs(requestOf(recipe), inputs), { region: recipe.region })
  if (planned.plan.calls.length === 1 && recipe.index < recipe.callImages) return planned
  throw invalidRequest(
    `The recipe does not fit ${recipe.model}: its call of ${recipe.callImages} images is not one call.`,
  )
}

/** The image that was ordered again, out of its call. */
export const imageOf = ({ slots, cost }: ImageResult, index: number): Image => {
  const slot = slots[index]
  if (slot?.status === "delivered") return slot.image
  const error = slot?.status === "failed" ? slot.error : undefined
  throw imageError(
    error?.code ?? "content_filtered",
    `Image ${index} of the call was not delivered again.`,
    { slots, cost, cause: error },
  )
}

const isDigest = (value: unknown): value is { readonly sha256: string } =>
  isRecord(value) && typeof value["sha256"] === "string" && typeof value["mediaType"] === "string"

const holdsDigest = (value: unknown): boolean =>
  isDigest(value) ||
  ((Array.isArray(value) || isRecord(value)) && Object.values(value).some(holdsDigest))

/** Puts images back where a recipe has their hashes, whatever name they are given under. */
export const withInputs = async (
  request: ImageRequest,
  inputs: Readonly<Record<string, ImageSource>> = {},
): Promise<ImageRequest> => {
  if (!holdsDigest(request)) return request
  const diagnostics = createDiagnostics(false)
  const given = await Promise.all(
    Object.entries(inputs).map(([name, source]) =>
      readInput(`inputs.${name}`, source, diagnostics),
    ),
  )
  const known = new Map(
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
    const image = known.get(value.sha256)
    if (image === undefined)
      diagnostics.invalid(
        `inputs.${field}`,
        `inputs.${field} is missing: give the image whose SHA-256 is ${value.sha256}.`,
        { allowed: value.sha256 },
      )
    return image
  }
  const whole = mapValues(request as ImageRequest & JsonObject, (value, field) =>
    restore(field, value),
  )
  const [first] = diagnostics.issues
  if (first)
    throw new ImageError({
      code: "invalid_request",
      message: first.message,
      issues: diagnostics.issues,
    })
  return whole as unknown as ImageRequest
}
