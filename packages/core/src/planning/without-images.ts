import type { Loose } from "../contract/request.ts"
import { pick } from "../tools/records.ts"

const imageNames: readonly string[] = ["image", "images", "mask", "styleImage", "referenceImage"]

/** Without images: a plan has them as they are sent, and their bytes are needed no more. */
export const withoutImages = (fields: object): Loose =>
  imageNames.some((name) => name in fields) ? pick(fields, (_, name) => !imageNames.includes(name)) : (fields as Loose)
