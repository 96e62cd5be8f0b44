import { traitsOf } from "../../bytes/picture-traits.ts"
import type { ImageLimits } from "../../contract/card.ts"
import type { InputImage } from "../../contract/plan.ts"
import {
  checkLimits,
  type ImageTools,
  type Input,
  limitProblems,
  limitText,
  runOp,
  toInput,
} from "./read-image.ts"
import { checkOpaque, isTransparent } from "./transparency.ts"

/**
 * The picture as the model takes it. Under `adapt` the image operations turn it upright, convert,
 * flatten and scale it, which is reported. Without them, or where it needs more, it is rejected.
 */
export const fitPicture = async (
  path: string,
  input: Input,
  limits: ImageLimits,
  tools: ImageTools,
): Promise<Input | undefined> => {
  const { ops, diagnostics } = tools
  if (!ops || diagnostics.isStrict || !canFit(input.image, limits)) {
    checkLimits(path, input.image, limits, diagnostics)
    if (limits.opaque) await checkOpaque(path, input, tools)
    reportTurned(path, input, ops !== undefined, tools)
    return input
  }
  const why = await reasonsOf(path, input, limits, tools)
  if (why.length === 0) return input
  const fitted = await runOp(path, tools, () => ops.fit(input.bytes, limits))
  const made = fitted && (await toInput(new Uint8Array(fitted.image)))
  if (!fitted || !made) return input
  checkLimits(path, made.image, limits, diagnostics)
  diagnostics.snap(path, pictureText(input.image), pictureText(made.image), why.join(", "))
  return { ...made, fitted: { from: input.image, transform: fitted.transform } }
}

/** A picture is enlarged by at most this factor. */
const mostEnlarged = 2

/** Can scaling bring the picture within the limits? Cropping is the caller's choice. */
const canFit = (image: InputImage, limits: ImageLimits): boolean => {
  if (limitProblems(image, limits).some(({ limit }) => limit === "ratio")) return false
  const { side = [1, Infinity], pixels = [1, Infinity] } = limits
  const [short, long] = [image.width, image.height].toSorted((one, other) => one - other) as [
    number,
    number,
  ]
  const least = Math.max(side[0] / short, Math.sqrt(pixels[0] / (short * long)))
  const most = Math.min(side[1] / long, Math.sqrt(pixels[1] / (short * long)))
  return least <= mostEnlarged && least <= most
}

const reasonsOf = async (
  path: string,
  input: Input,
  limits: ImageLimits,
  tools: ImageTools,
): Promise<readonly string[]> => {
  const { orientation, colors } = traitsOf(input.bytes, input.image.mediaType)
  const isFlattened = limits.opaque === true && (await isTransparent(path, input, tools)) === true
  return [
    ...limitProblems(input.image, limits).map(limitText),
    ...(orientation === 1 ? [] : ["EXIF turns it"]),
    ...(isFlattened ? ["the model takes opaque pictures"] : []),
    ...(limits.rgb && colors !== "RGB" ? [`the model takes RGB, not ${colors}`] : []),
  ]
}

/** The facts of a picture that is sent unchanged. */
const reportTurned = (
  path: string,
  { bytes, image }: Input,
  canTurn: boolean,
  { diagnostics }: ImageTools,
): void => {
  const { orientation } = traitsOf(bytes, image.mediaType)
  if (orientation === 1) return
  const turned = `${path} is turned by its EXIF orientation, which models ignore`
  if (canTurn && diagnostics.isStrict)
    diagnostics.unsupported(path, `${turned}; send it upright.`, {
      allowed: "EXIF orientation 1",
      given: orientation,
    })
  else diagnostics.warnings.push(`${turned}: it is sent as it is stored.`)
}

const pictureText = ({ mediaType, width, height }: InputImage): string =>
  `${width}x${height} ${mediaType}`
