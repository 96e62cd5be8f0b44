import type { Drawing } from "./drawing.ts"
import { glyph, glyphHeight, glyphWidth, plain } from "./font.ts"
import { type Color, fillRectangle, type Pixels } from "./pixels.ts"

const ink: Color = [12, 18, 24]

const amber: Color = [255, 190, 80]

const white: Color = [244, 246, 240]

const grey: Color = [190, 200, 200]

type Part = { readonly text: string; readonly fill: Color }

/** Lays a strip over the foot of the picture that says it is emulated, by which model, and from which words. */
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
  const head = oneLine <= width ? [[badge, { text: facts, fill: white }]] : [[badge], ...lines(facts, width, 3, white)]
  writeLines(pixels, [...head, ...lines(plain(drawing.prompt), width, 1, grey)], { margin, scale })
}

/** Breaks text at its spaces into at most so many lines; what is left over ends in dots. */
const lines = (text: string, width: number, most: number, fill: Color): readonly (readonly Part[])[] => {
  const broken: string[] = []
  for (const word of text.split(" ").filter((part) => part !== "")) {
    const last = broken.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= width) broken[broken.length - 1] = `${last} ${word}`
    else broken.push(word)
  }
  return broken.slice(0, most).map((line, index) => {
    const cut = line.length > width || (index === most - 1 && broken.length > most)
    return [{ text: cut ? `${line.slice(0, Math.max(0, width - 3))}...` : line, fill }]
  })
}

type Layout = { readonly margin: number; readonly scale: number }

const writeLines = (pixels: Pixels, rows: readonly (readonly Part[])[], { margin, scale }: Layout): void => {
  const leading = Math.round(glyphHeight * scale * 1.5)
  const height = rows.length * leading + margin
  const top = pixels.height - height
  fillRectangle(pixels, { left: 0, top, width: pixels.width, height }, ink, 0.72)
  for (const [index, parts] of rows.entries()) {
    let left = margin
    for (const { text, fill } of parts) {
      write(pixels, { text, left, top: top + Math.round(margin * 0.75) + index * leading, scale, fill })
      left += text.length * glyphWidth * scale
    }
  }
}

type Writing = Part & { readonly left: number; readonly top: number; readonly scale: number }

const write = (pixels: Pixels, { text, fill, left, top, scale }: Writing): void => {
  for (const [position, character] of Array.from(text).entries()) {
    for (const [column, bits] of glyph(character).entries()) {
      for (let row = 0; row < glyphHeight; row += 1) {
        if (((bits >> row) & 1) === 0) continue
        const x = left + (position * glyphWidth + column) * scale
        fillRectangle(pixels, { left: x, top: top + row * scale, width: scale, height: scale }, fill, 1)
      }
    }
  }
}
