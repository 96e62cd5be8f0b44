import type { InputImage, Plan } from "../contract/plan.ts"
import { hasTexts, isRecord, mapValues } from "../lib/object.ts"

export const imagesIn = (value: unknown): readonly InputImage[] =>
  isInput(value)
    ? [value]
    : isRecord(value) || Array.isArray(value)
      ? Object.values(value).flatMap(imagesIn)
      : []

/** The base64 of a data URL; any other text as it is. */
export const withoutHead = (text: string): string =>
  text.startsWith("data:") ? text.slice(text.indexOf(",") + 1) : text

/** The plan with a `toJSON` that replaces each input image by `{ sha256, bytes }`. */
export const withJson = (plan: Plan): Plan => {
  const digests = new Map(
    imagesIn(plan.resolved).map(({ base64, sha256, byteLength }) => [
      base64,
      { sha256, bytes: byteLength },
    ]),
  )
  if (digests.size === 0) return plan
  const digestOf = (text: string): unknown => digests.get(withoutHead(text))
  const shorten = (value: unknown): unknown => {
    if (typeof value === "string") return digestOf(value) ?? value
    // As a plan or the body of a form holds it.
    if (hasTexts(value, "base64", "mediaType")) return digests.get(value.base64)
    if (Array.isArray(value)) return value.map(shorten)
    return isRecord(value) ? mapValues(value, shorten) : value
  }
  return Object.defineProperty(plan, "toJSON", { value: () => shorten({ ...plan }) })
}

const isInput = (value: unknown): value is InputImage => hasTexts(value, "base64", "sha256")
