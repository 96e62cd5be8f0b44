import { alphaOf, decode, isTransparent, openImage } from "./open-image.ts"

/** Larger images are sampled, so that a mask of 50 million pixels takes little memory. */
const sampledSide = 1024
const tolerance = 25
const neededShare = 0.99

/** Whether every pixel is opaque, and at least 99 % are black or white, each channel within 25. */
export const isBlackAndWhite = async (maxPixels: number, image: Uint8Array): Promise<boolean> => {
  const opened = await openImage(image, maxPixels)
  if (await isTransparent(opened)) return false
  const pixels = await decode(opened, (pipeline) =>
    pipeline
      .resize(sampledSide, sampledSide, {
        fit: "inside",
        kernel: "nearest",
        withoutEnlargement: true,
      })
      .removeAlpha()
      .toColourspace("srgb")
      .raw()
      .toBuffer(),
  )
  let extreme = 0
  for (let at = 0; at < pixels.length; at += 3) {
    const channels = [pixels[at] ?? 0, pixels[at + 1] ?? 0, pixels[at + 2] ?? 0]
    if (Math.max(...channels) <= tolerance || Math.min(...channels) >= 255 - tolerance) extreme++
  }
  return extreme >= (pixels.length / 3) * neededShare
}

/** Whether a pixel is fully transparent. */
export const hasHole = async (maxPixels: number, image: Uint8Array): Promise<boolean> => {
  const opened = await openImage(image, maxPixels)
  return opened.hasAlpha && (await alphaOf(opened)).data.includes(0)
}
