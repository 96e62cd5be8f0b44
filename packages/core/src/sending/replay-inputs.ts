import { ImageError } from "../contract/errors.ts"
import type { ImageRequest, ImageSource, JsonObject } from "../contract/request.ts"
import { type Input, readInput } from "../inputs/inputs.ts"
import { createNotes } from "../planning/notes.ts"
import { isRecord } from "../planning/wire.ts"
import { mapValues } from "../tools/records.ts"

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
  const notes = createNotes(false)
  const given = await Promise.all(
    Object.entries(inputs).map(([name, source]) => readInput(`inputs.${name}`, source, notes)),
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
      notes.invalid(
        `inputs.${field}`,
        `inputs.${field} is missing: give the image whose SHA-256 is ${value.sha256}.`,
        value.sha256,
      )
    return image
  }
  const whole = mapValues(request as ImageRequest & JsonObject, (value, field) =>
    restore(field, value),
  )
  const [first] = notes.issues
  if (first)
    throw new ImageError({ code: "invalid_request", message: first.message, issues: notes.issues })
  return whole as unknown as ImageRequest
}
