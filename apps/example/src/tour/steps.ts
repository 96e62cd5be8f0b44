import type { Image, ImageRequest } from "@pictor/core"

/** The pictures of the earlier steps, by the name of the step. */
export type Made = Readonly<Record<string, Image>>

export interface Step {
  readonly name: string
  /** The request for the earlier pictures. `mask` draws a mask of the size of the picture. */
  readonly request: (made: Made, mask: Uint8Array) => ImageRequest
  /** The step whose picture is edited. */
  readonly from?: string
  readonly usesMask?: true
}

const pictureOf = (made: Made, name: string): Uint8Array => {
  const image = made[name]
  if (!image) throw new Error(`The tour has no picture of the step "${name}"`)
  return image.bytes()
}

/** The side of the first picture. The fast upscaler multiplies it by 4. */
export const sidePixels = 512

/** Six steps over three families, all with neutral fields. */
export const stepsFor = (prompt: string, seed: number): readonly Step[] => [
  {
    name: "generate",
    request: () => ({
      model: "amazon.nova-canvas-v1:0",
      prompt,
      size: `${sidePixels}x${sidePixels}`,
      seed,
    }),
  },
  {
    name: "inpaint",
    from: "generate",
    usesMask: true,
    request: (made, mask) => ({
      task: "inpaint",
      model: "amazon.nova-canvas-v1:0",
      prompt: "a small white tea house",
      image: pictureOf(made, "generate"),
      mask,
      seed,
    }),
  },
  {
    name: "outpaint",
    from: "inpaint",
    request: (made) => ({
      task: "outpaint",
      model: "amazon.titan-image-generator-v2:0",
      prompt,
      image: pictureOf(made, "inpaint"),
      margins: { left: 128, right: 128 },
      seed,
    }),
  },
  {
    name: "remove background",
    from: "inpaint",
    request: (made) => ({
      task: "remove-background",
      model: "stability.stable-image-remove-background-v1:0",
      image: pictureOf(made, "inpaint"),
    }),
  },
  {
    name: "upscale",
    from: "inpaint",
    request: (made) => ({
      task: "upscale",
      model: "stability.stable-fast-upscale-v1:0",
      image: pictureOf(made, "inpaint"),
    }),
  },
  {
    name: "recolor",
    from: "inpaint",
    request: (made) => ({
      task: "recolor",
      model: "stability.stable-image-search-recolor-v1:0",
      prompt: "golden autumn leaves",
      maskPrompt: "tea bushes",
      image: pictureOf(made, "inpaint"),
      seed,
    }),
  },
]
