import { pick } from "../tools/records.ts"
import { isObject } from "./wire.ts"

const imageNames: readonly string[] = ["image", "images", "mask", "styleImage", "referenceImage"]

/** Without images: a plan has them as they are sent, and their bytes are needed no more. */
export const withoutImages = <Fields>(fields: Fields): Fields =>
  isObject(fields) && imageNames.some((name) => name in fields)
    ? (pick(fields, (_, name) => !imageNames.includes(name)) as Fields)
    : fields
