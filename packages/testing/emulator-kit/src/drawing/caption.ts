import type { Area } from "./area.ts"
import { glyphHeight, glyphWidth, plain } from "./font.ts"
import { type Color, fillRectangle, type Pixels, type Size } from "./pixels.ts"
import { placeWithin } from "./place.ts"
import type { Drawing } from "./types.ts"
import { amber, grey, ink, type Part, white, writeLine } from "./writing.ts"

/**
 * Draws a strip at the bottom of the picture that says that it is emulated, by which model, and
 * from which prompt.
 */
export const caption = (pixels: Pixels, drawing: Drawing): void => {
  const number = drawing.index === 0 ? "" : ` #${drawing.index + 1}`
  const facts = `${drawing.model}  seed ${drawing.seed}${number}  ${drawing.width}x${drawing.height}`
  const margin = Math.max(4, Math.round(Math.min(pixels.width, pixels.height) * 0.024))
  const columns = (pixels.width - 2 * margin) / glyphWidth
  const wanted = Math.max(1, Math.round(Math.sqrt(pixels.width * pixels.height) / 420))
  const oneLine = `EMULATED  ${facts}`.length
  const scale = Math.max(1, Math.min(wanted, Math.floor(columns / oneLine)))
  const width = Math.floor(columns / scale)
  const badge: Part = { text: "EMULATED  ", fill: amber }
  const head =
    oneLine <= width
      ? [[badge, { text: facts, fill: white }]]
      : [[badge], ...lines(facts, width, 3, white)]
  writeLines(pixels, [...head, ...lines(plain(drawing.prompt), width, 1, grey)], { margin, scale })
}

/** Breaks text at spaces into a limited number of lines. A rest is replaced by dots. */
const lines = (
  text: string,
  width: number,
  most: number,
  fill: Color,
): readonly (readonly Part[])[] => {
  const broken: string[] = []
  for (const word of text.split(" ").filter((part) => part !== "")) {
    const last = broken.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= width)
      broken[broken.length - 1] = `${last} ${word}`
    else broken.push(word)
  }
  return broken.slice(0, most).map((line, index) => {
    const cut = line.length > width || (index === most - 1 && broken.length > most)
    return [{ text: cut ? `${line.slice(0, Math.max(0, width - 3))}...` : line, fill }]
  })
}

type Layout = { readonly margin: number; readonly scale: number }

const writeLines = (
  pixels: Pixels,
  rows: readonly (readonly Part[])[],
  { margin, scale }: Layout,
): void => {
  const leading = Math.round(glyphHeight * scale * 1.5)
  const height = rows.length * leading + margin
  const top = pixels.height - height
  fillRectangle(pixels, { left: 0, top, width: pixels.width, height }, ink, 0.72)
  for (const [index, parts] of rows.entries()) {
    writeLine(pixels, parts, {
      left: margin,
      top: top + Math.round(margin * 0.75) + index * leading,
      scale,
    })
  }
}

/** A short caption on a strip inside an area. Draws nothing if the area is too small. */
export const captionWithin = (pixels: Pixels, drawing: Drawing, area: Area): void => {
  for (const { parts, scale } of badges(drawing)) {
    const size = stripSize(parts, scale)
    const place = placeWithin(area, size)
    if (place === undefined) continue
    fillRectangle(pixels, { ...place, ...size }, ink, 0.72)
    writeLine(pixels, parts, { left: place.left + 3 * scale, top: place.top + 2 * scale, scale })
    return
  }
}

type Badge = { readonly parts: readonly Part[]; readonly scale: number }

/** From the longest to the smallest. */
const badges = ({ model, seed, width, height }: Drawing): readonly Badge[] => {
  const scale = Math.max(1, Math.round(Math.sqrt(width * height) / 420))
  const long: readonly Part[] = [
    { text: "EMULATED  ", fill: amber },
    { text: `${model}  seed ${seed}`, fill: white },
  ]
  const short: readonly Part[] = [{ text: "EMULATED", fill: amber }]
  return [
    { parts: long, scale },
    { parts: short, scale },
    { parts: short, scale: 1 },
  ]
}

const stripSize = (parts: readonly Part[], scale: number): Size => ({
  width: (parts.reduce((sum, { text }) => sum + text.length, 0) * glyphWidth + 5) * scale,
  height: (glyphHeight + 3) * scale,
})
