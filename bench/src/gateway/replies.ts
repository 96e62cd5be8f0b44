import { drawPng, sha256 } from "../picture.ts"

export const sizes = ["50 KB", "1.5 MB", "3 MB"] as const
export type Size = (typeof sizes)[number]

/** The two reply shapes of Bedrock's image models. */
export type Family = "nova" | "sd3"

/** Side in pixels, so that the base64 of the image has the named size. */
const sides: Readonly<Record<Size, number>> = { "50 KB": 111, "1.5 MB": 612, "3 MB": 866 }

export const models: Readonly<Record<Family, string>> = {
  nova: "amazon.nova-canvas-v1:0",
  sd3: "stability.sd3-5-large-v1:0",
}

// Shapes: https://docs.aws.amazon.com/nova/latest/userguide/image-gen-access.html and
// https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-diffusion-3-text-image.html,
// seen 2026-11-20.
const shapes: Readonly<Record<Family, (image: string) => unknown>> = {
  nova: (image) => ({ images: [image] }),
  sd3: (image) => ({ seeds: [2_130_065_538], finish_reasons: [null], images: [image] }),
}

export const replyOf = (family: Family, size: Size): Buffer =>
  Buffer.from(JSON.stringify(shapes[family](drawPng(sides[size]).toString("base64"))))

/** Hash of the image in a reply. */
export const pictureHash = (size: Size): string => sha256(drawPng(sides[size]))
