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
  const digestOf = (text: string): unknown =>
    digests.get(text.startsWith("data:") ? text.slice(text.indexOf(",") + 1) : text)
  const shorten = (value: unknown): unknown => {
    if (typeof value === "string") return digestOf(value) ?? value
    if (isPicture(value)) return digests.get(value.base64)
    if (Array.isArray(value)) return value.map(shorten)
    return isRecord(value) ? mapValues(value, shorten) : value
  }
  return Object.defineProperty(plan, "toJSON", { value: () => shorten({ ...plan }) })
}

/** As a plan or the body of a form holds it. */
const isPicture = (value: unknown): value is Pick<InputImage, "base64" | "mediaType"> =>
  isRecord(value) && typeof value["base64"] === "string" && typeof value["mediaType"] === "string"

const isInput = (value: unknown): value is InputImage =>
  isRecord(value) && typeof value["base64"] === "string" && typeof value["sha256"] === "string"
