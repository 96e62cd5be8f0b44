import type { InputImage, Plan } from "../contract/plan.ts"
import { isRecord, mapValues } from "../lib/object.ts"

export const imagesIn = (value: unknown): readonly InputImage[] =>
  isInput(value)
    ? [value]
    : isRecord(value) || Array.isArray(value)
      ? Object.values(value).flatMap(imagesIn)
      : []

/** The plan with a `toJSON` that replaces each input image by `{ sha256, bytes }`. */
export const withJson = (plan: Plan): Plan => {
  const digests = new Map(
    imagesIn(plan.resolved).map(({ base64, sha256, byteLength }) => [
      base64,
      { sha256, bytes: byteLength },
    ]),
  )
  if (digests.size === 0) return plan
  const shorten = (value: unknown): unknown => {
    if (typeof value === "string") return digests.get(value) ?? value
    if (isInput(value)) return digests.get(value.base64)
    if (Array.isArray(value)) return value.map(shorten)
    return isRecord(value) ? mapValues(value, shorten) : value
  }
  return Object.defineProperty(plan, "toJSON", { value: () => shorten({ ...plan }) })
}

const isInput = (value: unknown): value is InputImage =>
  isRecord(value) && typeof value["base64"] === "string" && typeof value["sha256"] === "string"
