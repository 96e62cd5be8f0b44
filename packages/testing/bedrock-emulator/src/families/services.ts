import {
  type Drawing,
  imageHeader,
  type JsonObject,
  numberAt,
  type Size,
  textAt,
} from "@pictor/emulator-kit"
import { serviceEdits } from "../editing/services.ts"
import { serviceRules } from "../rules/services.ts"
import type { Service } from "../schemas/services.ts"
import type { DrawingContext, Family } from "./family.ts"
import { ratioSize, sd3Family, stabilityDrawing } from "./sd3.ts"

/** One of Stability's image services. They reply like SD3. */
export const serviceFamily = (service: Service): Family => ({
  ...sd3Family,
  taskOf: () => service,
  rules: serviceRules(service),
  edits: { [service]: serviceEdits[service] },
  drawings: (body, context) => [drawing(body, context, service)],
})

const drawing = (body: JsonObject, context: DrawingContext, service: Service): Drawing => {
  const usual = stabilityDrawing(body, context)
  const input = imageHeader(textAt(body, "image") ?? textAt(body, "init_image") ?? "") ?? usual
  const { width, height } = sizes[service]?.(input, body) ?? input
  return { ...usual, width, height }
}

/**
 * 4K; https://docs.aws.amazon.com/bedrock/latest/userguide/stable-image-services.html, seen
 * 2026-11-20
 */
const upscaledPixels = 3840 * 2160

/** At most 40 times the pixels. A picture of 4K grows by a tenth. */
const upscaled = ({ width, height }: Size): Size => {
  const factor = Math.sqrt(Math.min(40, Math.max(1.21, upscaledPixels / (width * height))))
  return { width: Math.round(width * factor), height: Math.round(height * factor) }
}

/** The output size, if it differs from the input's. */
const sizes: { readonly [service in Service]?: (input: Size, body: JsonObject) => Size } = {
  "creative-upscale": upscaled,
  "conservative-upscale": upscaled,
  "fast-upscale": ({ width, height }) => ({ width: width * 4, height: height * 4 }),
  outpaint: ({ width, height }, body) => ({
    width: width + (numberAt(body, "left") ?? 0) + (numberAt(body, "right") ?? 0),
    height: height + (numberAt(body, "up") ?? 0) + (numberAt(body, "down") ?? 0),
  }),
  "style-guide": (_, body) => ratioSize(body),
}
