import type { FieldName, TaskCard } from "../contract/card.ts"
import type { InputImage } from "../contract/plan.ts"
import type { JsonObject } from "../contract/request.ts"
import { mapValues, place } from "../lib/object.ts"
import type { Prepared } from "./inputs/prepare.ts"

const described = ({ sha256, mediaType, width, height }: InputImage): JsonObject => ({
  sha256,
  mediaType,
  width,
  height,
})

/** A recipe's request with the images that were given by their hashes, and with `options`. */
export const withOwn = (
  words: JsonObject,
  options: JsonObject,
  given: Prepared["given"],
  ready: readonly FieldName[],
  { fields }: TaskCard,
): JsonObject => {
  const request: Record<string, unknown> = {
    ...words,
    ...mapValues(given, (value) => ("sha256" in value ? described(value) : value.map(described))),
  }
  for (const [path, value] of Object.entries(options)) place(request, `options.${path}`, value)
  for (const field of ready) {
    // In the model's own polarity it belongs to the model's own words.
    place(request, `options.${fields[field]?.path}`, request[field])
    delete request[field]
  }
  return request
}
