import { sniff } from "../../bytes/image.ts"
import type { ModelCard } from "../../contract/card.ts"
import { type ImageError, imageError, isImageError } from "../../contract/errors.ts"
import type { ImageOps } from "../../contract/image-ops.ts"
import type { ImageSource, JsonObject, Reference, Task } from "../../contract/request.ts"
import { defined, isRecord } from "../../lib/object.ts"
import { impliedTask, onlyPictureOf } from "../../models/implied-task.ts"
import { bytesOf } from "./read-image.ts"
import { mayBeTransparent } from "./transparency.ts"

/** An http(s) URL is a `URL`; a data URL is a string. */
type EditSource = ImageSource | URL

/** The pictures of an edit in an API that has no tasks. */
export interface EditSources {
  readonly images: readonly EditSource[]
  /** Its transparent pixels change; if it has none, its white pixels do. */
  readonly mask?: EditSource | undefined
  readonly references?: readonly (Omit<Reference, "image"> & { readonly image: EditSource })[]
}

/** What a host needs to read the pictures of an edit. */
export interface EditTools {
  /** Undefined for a model that the client does not list. */
  readonly card?: ModelCard | undefined
  /** Reads the transparent pixels of pictures. */
  readonly imageOps?: ImageOps | undefined
  /** Downloads a picture, and decides which hosts are allowed. Without it URLs are rejected. */
  readonly fetchImage?: FetchImage | undefined
  readonly signal?: AbortSignal | undefined
}

export type FetchImage = (url: URL, signal: AbortSignal | undefined) => Promise<Uint8Array>

/**
 * The fields of a request with the pictures of an edit, and with the task that they imply unless
 * the fields name one.
 */
export const toEditFields = async (
  fields: JsonObject,
  sources: EditSources,
  tools: EditTools,
): Promise<JsonObject> => {
  checkTwice(fields, sources)
  const { card, imageOps } = tools
  const edit: Record<string, unknown> = { ...fields }
  const isOne = sources.images.length === 1
  const images = await Promise.all(
    sources.images.map((each, index) => download(each, isOne ? "image" : `images.${index}`, tools)),
  )
  if (isOne) edit["image"] = images[0]
  else if (images.length > 1) edit["images"] = images
  const { references = [] } = sources
  if (references.length > 0)
    edit["references"] = await Promise.all(
      references.map(async (each, index) => ({
        ...each,
        image: await download(each.image, `references.${index}.image`, tools),
      })),
    )
  if (sources.mask !== undefined)
    edit["mask"] = await readMask(await download(sources.mask, "mask", tools), imageOps)
  const options = isRecord(fields["options"]) ? fields["options"] : {}
  const hasHole = (): Promise<boolean> => isHoled(edit["image"], imageOps)
  const task =
    (fields["task"] as Task | undefined) ??
    (await impliedTask({ fields: edit, options, card, hasHole }))
  if (task === undefined) return edit
  edit["task"] = task
  const picture = edit["image"] === undefined ? undefined : onlyPictureOf(task, card)
  if (picture === undefined || edit[picture] !== undefined) return edit
  edit[picture] = edit["image"]
  delete edit["image"]
  return edit
}

const checkTwice = (fields: JsonObject, { images, mask, references = [] }: EditSources): void => {
  const names = [
    ...(images.length > 0 ? ["image", "images"] : []),
    ...(mask ? ["mask"] : []),
    ...(references.length > 0 ? ["references"] : []),
  ]
  const path = names.find((name) => fields[name] !== undefined)
  if (path === undefined) return
  const code = "invalid_request"
  const message = `${path} is given twice: as a picture of the call and as a field. Give one of them.`
  throw imageError(code, message, { issues: [{ code, path, message }] })
}

/** Adds fields that stand elsewhere (`prefix`) in a call. The same field with two values throws. */
export const joinFields = (fields: JsonObject, more: JsonObject, prefix: string): JsonObject => {
  const issues = Object.keys(more)
    .filter((name) => fields[name] !== undefined && fields[name] !== more[name])
    .map((name) => ({
      code: "invalid_request" as const,
      path: `${prefix}.${name}`,
      message: `${prefix}.${name} differs from ${name} of the call. Give one of them.`,
    }))
  const [first] = issues
  if (first) throw imageError(first.code, first.message, { issues })
  return { ...more, ...defined(fields) }
}

const download = async (
  source: EditSource,
  path: string,
  { fetchImage, signal }: EditTools,
): Promise<ImageSource> => {
  if (!(source instanceof URL)) return source
  if (fetchImage) return fetchImage(source, signal)
  throw unsupportedInput(
    path,
    `${path} is a URL, which is not downloaded.`,
    "Give the bytes, base64 or a data URL, or a fetchImage.",
  )
}

const unsupportedInput = (path: string, message: string, remedy: string): ImageError =>
  imageError("unsupported", `${message} ${remedy}`, {
    issues: [{ code: "unsupported", path, message, remedy }],
  })

/** A mask whose white changes. One that cannot be read is reported when the request is planned. */
const readMask = async (mask: ImageSource, ops: ImageOps | undefined): Promise<ImageSource> => {
  const bytes = await bytesOf(mask).catch(() => undefined)
  if (!bytes || !mayBeTransparent(bytes, sniff(bytes)?.mediaType)) return mask
  if (!ops) throw maskNeedsOps()
  try {
    const { transparent } = await ops.inspect(bytes)
    return transparent ? await ops.alphaToMask(bytes) : mask
  } catch (error) {
    throwIfBusy(error)
    return mask
  }
}

const maskNeedsOps = (): ImageError =>
  unsupportedInput(
    "mask",
    "mask has an alpha channel, which cannot be read without image operations.",
    "Give a black and white mask without an alpha channel, white where the image is to change, or imageOps: sharpImages() of @pictor/images.",
  )

const isHoled = async (image: unknown, ops: ImageOps | undefined): Promise<boolean> => {
  if (!ops) return false
  try {
    const bytes = await bytesOf(image)
    return bytes !== undefined && (await ops.hasHole(bytes))
  } catch (error) {
    throwIfBusy(error)
    return false
  }
}

/** There may be no memory for a picture now, which is no fault of the picture. */
const throwIfBusy = (error: unknown): void => {
  if (isImageError(error, "rate_limited")) throw error
}
