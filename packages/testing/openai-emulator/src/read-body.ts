import { isJsonObject, type JsonObject, textAt } from "@pictor/emulator-kit"
import type { Violation } from "./errors.ts"
import { readDataUrl, type Upload, type Uploads } from "./uploads.ts"

/** A request's fields and pictures, before they are checked. */
export type ReadBody = {
  readonly fields: JsonObject
  /** Undefined where a body of JSON names none. */
  readonly uploads: Uploads
  readonly violations: readonly Violation[]
}

const integers = ["n", "output_compression", "partial_images", "frame_count", "frame_duration_ms"]

const pictureNames = ["image", "image[]", "mask", "markup"]

/** Reads a form: texts become numbers and booleans, and `svg[model]` becomes nested. */
export const readForm = async (form: FormData): Promise<ReadBody> => {
  let fields: JsonObject = {}
  const images: Upload[] = []
  const overlays: Partial<Record<"mask" | "markup", Upload>> = {}
  const violations: Violation[] = []
  for (const [name, value] of form.entries()) {
    if (typeof value === "string") {
      if (pictureNames.includes(name)) violations.push(notAFile(name))
      else if (fields[name] !== undefined) violations.push(repeated(name))
      else fields = withField(fields, name.replaceAll("]", "").split("["), typed(name, value))
      continue
    }
    const bytes = Buffer.from(await value.arrayBuffer())
    if (name === "image" || name === "image[]")
      images.push({ param: `image[${images.length}]`, bytes, mediaType: value.type })
    else if (name !== "mask" && name !== "markup")
      violations.push({
        param: name,
        code: "unknown_parameter",
        message: `Unknown parameter: '${name.slice(0, 100)}'.`,
      })
    else if (overlays[name] === undefined)
      overlays[name] = { param: name, bytes, mediaType: value.type }
    else violations.push(repeated(name))
  }
  if (images.length === 1 && images[0] !== undefined) images[0] = { ...images[0], param: "image" }
  return { fields, uploads: { images, ...overlays }, violations }
}

const notAFile = (name: string): Violation => ({
  param: name,
  code: "invalid_type",
  message: `Invalid type for '${name}': expected a file, but got a string instead.`,
})

const repeated = (name: string): Violation => ({
  param: name,
  code: "duplicate_parameter",
  message: `Duplicate parameter: '${name.slice(0, 100)}'.`,
})

const typed = (name: string, value: string): unknown => {
  if (integers.includes(name) && /^-?\d{1,9}$/.test(value)) return Number(value)
  if (name === "stream" && (value === "true" || value === "false")) return value === "true"
  return value
}

const withField = (
  fields: JsonObject,
  [key = "", ...rest]: readonly string[],
  value: unknown,
): JsonObject => {
  if (rest.length === 0) return { ...fields, [key]: value }
  const inner = fields[key]
  return { ...fields, [key]: withField(isJsonObject(inner) ? inner : {}, rest, value) }
}

/** The pictures of a JSON body, in its fields `images`, `mask` and `markup`. */
export const readJson = (fields: JsonObject): ReadBody => {
  const violations: Violation[] = []
  const read = (param: string, value: unknown, key = "image_url"): readonly Upload[] => {
    const url = textAt(value, key)
    if (url === undefined) return []
    const upload = readDataUrl(param, url)
    if ("bytes" in upload) return [upload]
    violations.push(upload)
    return []
  }
  const list = Array.isArray(fields["images"]) ? fields["images"] : []
  const images = [
    ...read("image", fields["image"], "url"),
    ...list.flatMap((value: unknown, index) => [
      ...read(`images[${index}].image_url`, value),
      ...read(`images[${index}].url`, value, "url"),
    ]),
  ]
  const [mask] = read("mask", fields["mask"])
  const [markup] = read("markup", fields["markup"])
  const overlays = {
    ...(mask === undefined ? {} : { mask }),
    ...(markup === undefined ? {} : { markup }),
  }
  return { fields, uploads: { images, ...overlays }, violations }
}
