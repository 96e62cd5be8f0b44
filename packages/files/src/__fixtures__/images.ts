import type { Image, ImageAbout, Recipe } from "@pictor/core"
import { createImage } from "../../../core/src/bytes/image.ts"

const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, "hex"))

/** The header of a picture of one pixel. */
export const png = bytesOf("89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489")
const headers = {
  png,
  jpg: bytesOf("ffd8ffc0001108000100010301110002110003110000"),
  webp: bytesOf("524946460000000057454250565038580a000000000000000000000000000000"),
  bin: bytesOf("010203"),
} as const

export const recipe: Recipe = {
  v: 1,
  request: { prompt: "a tea plantation" },
  model: "acme.one",
  modelId: "acme.one",
  callImages: 1,
  index: 0,
  adapter: "acme@1.0.0",
  replayable: false,
}

/** An image of a format, as long as `bytes` says. */
export const imageOf = (format: keyof typeof headers = "png", bytes = 0): Image => {
  const data = new Uint8Array(Math.max(bytes, headers[format].byteLength)).fill(7)
  data.set(headers[format])
  return createImage({ data: { bytes: data }, seed: undefined, recipe })
}

export const aboutOf = (more: Partial<ImageAbout> = {}): ImageAbout => ({
  model: "acme.one",
  day: "2026-11-20",
  tags: {},
  account: {},
  cost: { microUsd: 40_000, maybeMicroUsd: 0, unpricedImages: 0 },
  recipe,
  ...more,
})
