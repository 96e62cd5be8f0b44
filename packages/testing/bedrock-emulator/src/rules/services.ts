import { numberAt } from "@pictor/emulator-kit"
import type { Service } from "../schemas/services.ts"
import type { Violation } from "../violations.ts"
import { checkImages, type ImageLimits } from "./images.ts"

// https://docs.aws.amazon.com/bedrock/latest/userguide/stable-image-services.html, seen 2026-11-20

const formats = ["jpeg", "png", "webp"] as const

const maxSide = 16_384

const usualLimits: ImageLimits = {
  formats,
  minSide: 64,
  maxSide,
  maxPixels: 9_437_184,
  maxAspect: 2.5,
}

const limits: { readonly [service in Service]?: ImageLimits } = {
  "creative-upscale": { formats, minSide: 64, maxSide, minPixels: 4096, maxPixels: 1_048_576 },
  "fast-upscale": { formats, minSide: 32, maxSide: 1536, minPixels: 1024, maxPixels: 1_048_576 },
}

/** A mask of another size is scaled to its picture, so only its format is checked. */
const maskLimits: ImageLimits = { formats, minSide: 1, maxSide }

/** Rules of a service that its schema cannot express. */
export const serviceRules =
  (service: Service) =>
  (body: unknown): readonly Violation[] => [
    ...(service === "outpaint" ? marginRule(body) : []),
    ...checkImages(
      body,
      [["image"], ["init_image"], ["style_image"]],
      limits[service] ?? usualLimits,
    ),
    ...checkImages(body, [["mask"]], maskLimits),
  ]

const marginRule = (body: unknown): readonly Violation[] =>
  ["left", "right", "up", "down"].some((side) => (numberAt(body, side) ?? 0) > 0)
    ? []
    : [{ path: "#", message: "at least one of [left, right, up, down] must be greater than 0" }]
