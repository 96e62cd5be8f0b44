import { type Color, color, luminance, mix, type Pixels } from "../drawing/pixels.ts"
import { hash, randomNumbers } from "../random.ts"

/** Colours from the darkest to the lightest. */
export type Palette = readonly Color[]

const toneCount = 5

const sampleCount = 4096

/**
 * The colours of a picture: the mean of each fifth of its pixels, from its darkest to its lightest.
 */
export const paletteOf = ({ width, height, data }: Pixels): Palette => {
  const pixelCount = width * height
  const stride = Math.max(1, Math.floor(pixelCount / sampleCount))
  const offsets = Array.from(
    { length: Math.floor(pixelCount / stride) },
    (_, index) => index * stride * 3,
  )
  const sorted = offsets.toSorted((left, right) => luminance(data, left) - luminance(data, right))
  return Array.from({ length: toneCount }, (_, tone) => {
    const from = Math.floor((tone * sorted.length) / toneCount)
    return mean(
      data,
      sorted.slice(from, Math.max(from + 1, Math.floor(((tone + 1) * sorted.length) / toneCount))),
    )
  })
}

const mean = (data: Uint8Array, offsets: readonly number[]): Color => {
  const channel = (index: number): number =>
    Math.round(
      offsets.reduce((sum, offset) => sum + (data[offset + index] ?? 0), 0) / offsets.length,
    )
  return [channel(0), channel(1), channel(2)]
}

/**
 * The requested colours from dark to light, between a deeper tone of the first and a paler one of
 * the last.
 */
export const paletteFrom = (colors: readonly string[]): Palette => {
  const sorted = colors
    .map(color)
    .toSorted(
      (left, right) => luminance(Uint8Array.from(left), 0) - luminance(Uint8Array.from(right), 0),
    )
  return [mix(sorted[0] ?? black, black, 0.55), ...sorted, mix(sorted.at(-1) ?? paper, paper, 0.7)]
}

/** A palette that depends only on a text. */
export const paletteOfText = (text: string): Palette => {
  const random = randomNumbers(hash(text))
  const hue = random()
  return paletteFrom(
    [
      hueColor(hue, 0.35),
      hueColor(hue + 0.12 + 0.2 * random(), 0.55),
      hueColor(hue + 0.4 + 0.2 * random(), 0.75),
    ].map(toHex),
  )
}

/**
 * The tones of the first colour that the text names, or of a colour that depends only on the text.
 */
export const paletteOfWords = (words: string): Palette => {
  const named = words
    .toLowerCase()
    .split(/[^a-z]+/)
    .find((word) => Object.hasOwn(namedColors, word))
  return named === undefined
    ? paletteOfText(words).slice(0, 3)
    : paletteFrom([namedColors[named] ?? "#808080"])
}

/** Gives each pixel the palette colour of its lightness. */
export const toned = ({ width, height, data, alpha }: Pixels, palette: Palette): Pixels => {
  const table = Array.from({ length: 256 }, (_, light) => toneAt(palette, light / 255))
  const changed = new Uint8Array(data.length)
  for (let offset = 0; offset < data.length; offset += 3) {
    const [red, green, blue] = table[luminance(data, offset)] ?? black
    changed[offset] = red
    changed[offset + 1] = green
    changed[offset + 2] = blue
  }
  return { width, height, data: changed, ...(alpha === undefined ? {} : { alpha }) }
}

const toneAt = (palette: Palette, light: number): Color => {
  const place = light * (palette.length - 1)
  const from = Math.min(palette.length - 1, Math.floor(place))
  return mix(palette[from] ?? black, palette[from + 1] ?? palette[from] ?? black, place - from)
}

const black: Color = [0, 0, 0]

const paper: Color = [255, 252, 240]

const hueColor = (hue: number, light: number): Color => {
  const channel = (shift: number): number => {
    const wave = Math.abs(((hue + shift) % 1) * 6 - 3) - 1
    return Math.round(255 * light * (0.35 + 0.65 * Math.min(1, Math.max(0, wave))))
  }
  return [channel(0), channel(2 / 3), channel(1 / 3)]
}

const toHex = (value: Color): string =>
  `#${value.map((channel) => channel.toString(16).padStart(2, "0")).join("")}`

const namedColors: { readonly [name: string]: string } = {
  red: "#c8201e",
  orange: "#e8791a",
  yellow: "#eac41c",
  gold: "#c99a2e",
  green: "#2f9e44",
  teal: "#168f8a",
  turquoise: "#2bb8b0",
  blue: "#2255cc",
  navy: "#14285e",
  purple: "#7a34b8",
  violet: "#7a34b8",
  pink: "#e8649c",
  magenta: "#cc2a9a",
  brown: "#7a4a24",
  black: "#1c1c20",
  white: "#f2f2ee",
  grey: "#8a8a8e",
  gray: "#8a8a8e",
}
