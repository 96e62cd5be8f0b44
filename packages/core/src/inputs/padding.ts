import type { ImageLimits, TaskCard } from "../contract/card.ts"
import type { Margins } from "../contract/request.ts"
import { checkOpaque } from "./alpha.ts"
import { checkLimits, type Input } from "./inputs.ts"
import { made, needOps, type Workshop, worked } from "./workshop.ts"

/** Has the model no margins of its own, so that the image is made larger before it is sent? */
export const isPadding = ({ fields: { margins } }: TaskCard): boolean =>
  margins?.kind === "object" &&
  Object.values(margins.fields).every(
    ({ path: wire, pathBeside: wires }) => wire === undefined && wires === undefined,
  )

/** The image on a larger canvas, and the mask whose white is what is new. */
export const padded = async (
  image: Input,
  margins: Margins,
  limits: ImageLimits,
  workshop: Workshop,
): Promise<{ readonly image: Input; readonly mask: Input } | undefined> => {
  const { notes } = workshop
  const ops = needOps("margins", "the image padded, since it has no margins of its own", workshop)
  const work = ops && (await worked("margins", workshop, () => ops.pad(image.bytes, margins)))
  if (!work) return undefined
  const larger = await made("image", workshop, async () => work.image)
  const mask = await made("margins", workshop, async () => work.mask)
  if (!larger || !mask) return undefined
  checkLimits("image", larger.image, limits, notes)
  if (limits.opaque) await checkOpaque("image", larger, workshop)
  const { width, height } = larger.image
  notes.change({
    field: "margins",
    action: "mapped",
    from: margins,
    to: `${width}x${height}`,
    why: "the image is padded, and the mask names what is new",
  })
  return { image: larger, mask }
}
