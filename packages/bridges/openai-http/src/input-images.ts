import type { Change, ImageSource, JsonObject, ModelCard, Parameter } from "@pictor/core"
import { nearest } from "@pictor/core/host"
import { type Issue, invalid } from "./errors.ts"
import { type ImageReading, readImage, readMask, toBase64 } from "./image-payload.ts"
import { isJsonObject } from "./json.ts"

/** A request while it is parsed. */
export interface Draft {
  /** Core's request. */
  readonly fields: Record<string, unknown>
  readonly changes: Change[]
  readonly issues: Issue[]
}

interface SentImages {
  readonly image?: unknown
  readonly images?: unknown
  readonly mask?: unknown
}

/** Reads `image`, `images` and `mask` of an edit. */
export const readImages = async (
  { image, images: more, mask }: SentImages,
  { fields, changes, issues }: Draft,
  reading: ImageReading,
): Promise<void> => {
  const images = [image, more].flat().filter((each) => each !== undefined)
  const { images: max } = reading.limits
  if (images.length > max) {
    const allowed = `1 to ${max} images`
    issues.push(
      invalid("image", `image must be ${allowed}; the request has ${images.length}.`, allowed),
    )
  } else {
    const reads = await Promise.all(
      images.map(async (each, index) =>
        readImage(images.length > 1 ? `image[${index}]` : "image", each, reading),
      ),
    )
    issues.push(...reads.flatMap((read) => ("issue" in read ? [read.issue] : [])))
    const sources = reads.flatMap((read) => ("source" in read ? [read.source] : []))
    if (sources.length === 1) fields["image"] = sources[0]
    else if (sources.length > 1) fields["images"] = sources
  }
  if (mask === undefined) return
  const onlyMask: unknown = Array.isArray(mask) && mask.length === 1 ? mask[0] : mask
  const read = await readMask(onlyMask, fields["image"] as ImageSource | undefined, reading)
  if ("issue" in read) issues.push(read.issue)
  else {
    fields["mask"] = read.source
    if (read.change) changes.push(read.change)
  }
}

const isPicture = ({ kind }: Parameter): boolean =>
  kind === "image" || kind === "images" || kind === "mask"

/** Paths of the model's body that hold images, such as `style_image`. */
const picturePaths = (card: ModelCard): ReadonlySet<string> =>
  new Set(
    Object.values(card.tasks).flatMap(({ fields, options = {} }) => [
      ...Object.values(fields).flatMap((each) =>
        isPicture(each)
          ? [each.path ?? [], each.kind === "images" ? (each.places ?? []) : []].flat(2)
          : [],
      ),
      ...Object.entries(options).flatMap(([path, each]) => (isPicture(each) ? [path] : [])),
    ]),
  )

/** Replaces the files in the model's own fields by base64, which is what the model takes. */
export const readOwnFiles = async (
  own: JsonObject,
  card: ModelCard | undefined,
  issues: Issue[],
  reading: ImageReading,
): Promise<JsonObject> => {
  const paths = card ? picturePaths(card) : new Set<string>()
  const read = async (value: unknown, path: string): Promise<unknown> => {
    if (Array.isArray(value)) return Promise.all(value.map((each) => read(each, path)))
    if (isJsonObject(value)) return readAll(value, `${path}.`)
    if (!(value instanceof Blob)) return value
    if (paths.has(path)) {
      const file = await toBase64(path, value, reading)
      if ("base64" in file) return file.base64
      issues.push(file.issue)
      return undefined
    }
    const names = ["image", "mask", ...paths].filter((name, at, all) => all.indexOf(name) === at)
    const advice =
      names.length <= 5
        ? `Files are accepted as ${names.join(", ")}.`
        : `The nearest of the ${names.length} fields for files are ${nearest(path, names).join(", ")}.`
    issues.push(invalid(path, `${path} is a file. ${advice}`, "a value that is not a file"))
    return undefined
  }
  const readAll = async (fields: JsonObject, prefix = ""): Promise<JsonObject> =>
    Object.fromEntries(
      await Promise.all(
        Object.entries(fields).map(
          async ([name, value]) => [name, await read(value, prefix + name)] as const,
        ),
      ),
    )
  return readAll(own)
}

export const hasFile = (value: unknown): boolean =>
  value instanceof Blob ||
  (Array.isArray(value)
    ? value.some(hasFile)
    : isJsonObject(value) && hasFile(Object.values(value)))
