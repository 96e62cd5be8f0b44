import { glyph, glyphHeight, glyphWidth } from "./font.ts"
import { type Color, fillRectangle, type Pixels } from "./pixels.ts"

export const ink: Color = [12, 18, 24]

export const amber: Color = [255, 190, 80]

export const white: Color = [244, 246, 240]

export const grey: Color = [190, 200, 200]

/** Text in one colour. */
export type Part = { readonly text: string; readonly fill: Color }

type Place = { readonly left: number; readonly top: number; readonly scale: number }

/** Writes parts side by side. */
export const writeLine = (
  pixels: Pixels,
  parts: readonly Part[],
  { left, top, scale }: Place,
): void => {
  let next = left
  for (const part of parts) {
    write(pixels, part, { left: next, top, scale })
    next += part.text.length * glyphWidth * scale
  }
}

const write = (pixels: Pixels, { text, fill }: Part, { left, top, scale }: Place): void => {
  for (const [position, character] of Array.from(text).entries()) {
    for (const [column, bits] of glyph(character).entries()) {
      for (let row = 0; row < glyphHeight; row += 1) {
        if (((bits >> row) & 1) === 0) continue
        const x = left + (position * glyphWidth + column) * scale
        fillRectangle(
          pixels,
          { left: x, top: top + row * scale, width: scale, height: scale },
          fill,
          1,
        )
      }
    }
  }
}
