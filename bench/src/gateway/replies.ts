import { drawPng, sha256 } from "../picture.ts"

export const sizes = ["50 KB", "1.5 MB", "3 MB"] as const
export type Size = (typeof sizes)[number]

/** Whose reply it is: the two shapes that Bedrock's image models answer in. */
export type Family = "nova" | "sd3"

/** Pixels of a side, so that the picture's base64 is as long as its name says. */
const sides: Readonly<Record<Size, number>> = { "50 KB": 111, "1.5 MB": 612, "3 MB": 866 }

export const models: Readonly<Record<Family, string>> = {
  nova: "amazon.nova-canvas-v1:0",
  sd3: "stability.sd3-5-large-v1:0",
}

// Shapes: https://docs.aws.amazon.com/nova/latest/userguide/image-gen-access.html and
// https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-diffusion-3-text-image.html, seen 2026-11-20.
const shapes: Readonly<Record<Family, (image: string) => unknown>> = {
  nova: (image) => ({ images: [image] }),
  sd3: (image) => ({ seeds: [2_130_065_538], finish_reasons: [null], images: [image] }),
}

export const replyOf = (family: Family, size: Size): Buffer =>
  Buffer.from(JSON.stringify(shapes[family](drawPng(sides[size]).toString("base64"))))

/** Of the picture in it. */
export const pictureHash = (size: Size): string => sha256(drawPng(sides[size]))
