import { ellipseArea, emptyArea } from "../drawing/area.ts"
import type { Painted } from "../drawing/drawing.ts"
import type { Pixels } from "../drawing/pixels.ts"

/**
 * The largest differences of two colours, summed over the channels: between neighbours of the
 * background, and between the background and a corner.
 */
const maxStep = 30

const maxDistance = 120

/** Makes the background transparent: what is connected to the border and resembles a corner. */
export const cutOut = (image: Pixels): Painted => {
  const { width, height, data } = image
  const background = flood(image)
  const share = background.reduce((sum, value) => sum + value, 0) / background.length
  const subject =
    share < 0.02 || share > 0.98
      ? ellipseArea(image, { left: 0.15, top: 0.1, width: 0.7, height: 0.8 }).weight
      : undefined
  const alpha = background.map((value, index) =>
    Math.min(subject?.[index] ?? (1 - value) * 255, image.alpha?.[index] ?? 255),
  )
  return { pixels: { width, height, data, alpha }, changed: emptyArea(image) }
}

/** 1 where the background is. */
const flood = (image: Pixels): Uint8Array => {
  const { width, height } = image
  const found = new Uint8Array(width * height)
  const queue = new Int32Array(width * height)
  let end = 0
  const visit = (index: number, from: number): void => {
    if (
      found[index] === 1 ||
      difference(image, index, from) > maxStep ||
      !resemblesCorner(image, index)
    )
      return
    found[index] = 1
    queue[end] = index
    end += 1
  }
  for (let x = 0; x < width; x += 1)
    for (const index of [x, (height - 1) * width + x]) visit(index, index)
  for (let y = 0; y < height; y += 1)
    for (const index of [y * width, (y + 1) * width - 1]) visit(index, index)
  for (let next = 0; next < end; next += 1) {
    const index = queue[next] ?? 0
    const x = index % width
    if (x > 0) visit(index - 1, index)
    if (x < width - 1) visit(index + 1, index)
    if (index >= width) visit(index - width, index)
    if (index < width * (height - 1)) visit(index + width, index)
  }
  return found
}

const resemblesCorner = (image: Pixels, index: number): boolean => {
  const last = image.width * image.height - 1
  return [0, image.width - 1, last - image.width + 1, last].some(
    (corner) => difference(image, index, corner) <= maxDistance,
  )
}

const difference = ({ data }: Pixels, left: number, right: number): number => {
  let sum = 0
  for (let channel = 0; channel < 3; channel += 1)
    sum += Math.abs((data[left * 3 + channel] ?? 0) - (data[right * 3 + channel] ?? 0))
  return sum
}
