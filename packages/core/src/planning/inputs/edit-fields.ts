import { sniff } from "../../bytes/image.ts"
import type { ModelCard } from "../../contract/card.ts"
import { imageError, isImageError } from "../../contract/errors.ts"
import type { ImageOps } from "../../contract/image-ops.ts"
import type { ImageSource, JsonObject, Task } from "../../contract/request.ts"
import { isRecord } from "../../lib/object.ts"
import { impliedTask, onlyPictureOf } from "../../models/implied-task.ts"
import { bytesOf } from "./read-image.ts"
import { mayBeTransparent } from "./transparency.ts"

/** The pictures of an edit in an API that has no tasks. */
export interface EditSources {
  readonly images: readonly ImageSource[]
  /** Its transparent pixels change; if it has none, its white pixels do. */
  readonly mask?: ImageSource | undefined
}

/**
 * The fields of a request with the pictures of an edit, and with the task that they imply unless
 * the fields name one. `card` is undefined for a model that the client does not list.
 */
export const toEditFields = async (
  fields: JsonObject,
  { images, mask }: EditSources,
  card: ModelCard | undefined,
  imageOps: ImageOps | undefined,
): Promise<JsonObject> => {
  const edit: Record<string, unknown> = { ...fields }
  if (images.length === 1) edit["image"] = images[0]
  else if (images.length > 1) edit["images"] = images
  if (mask !== undefined) edit["mask"] = await readMask(mask, imageOps)
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

const maskNeedsOps = () => {
  const message = "mask has an alpha channel, which cannot be read without image operations."
  const remedy =
    "Give a black and white mask without an alpha channel, white where the image is to change, or imageOps: sharpImages() of @pictor/images."
  return imageError("unsupported", `${message} ${remedy}`, {
    issues: [{ code: "unsupported", path: "mask", message, remedy }],
  })
}

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
