import type { Parameter } from "../contract/card.ts"
import type { Size } from "../contract/plan.ts"

export type Grid = Extract<Parameter, { readonly kind: "grid" }>
export type Tiers = Extract<Parameter, { readonly kind: "tiers" }>

export const area = ({ width, height }: Size): number => Math.round(width * height)

export const sizeText = ({ width, height }: Size): string => `${width}x${height}`

/** `"1024x768"` → numbers; anything else → undefined. */
export const parseSize = (text: unknown): Size | undefined => {
  const match = typeof text === "string" ? /^([1-9]\d{0,8})x([1-9]\d{0,8})$/.exec(text) : null
  return match ? { width: Number(match[1]), height: Number(match[2]) } : undefined
}

/** The pixels of a tier: `"2K"` is 2,048 squared, `"512"` or `"512sq"` is 512 squared. */
export const tierPixels = (text: unknown): number | undefined => {
  const match =
    typeof text === "string" ? /^(?:(\d{1,2}(?:\.\d{1,2})?)k|(\d{2,5})(?:sq)?)$/i.exec(text) : null
  const side = match ? Math.round(Number(match[1] ?? 0) * 1024) || Number(match[2]) : 0
  return side > 0 ? side ** 2 : undefined
}

/** The card's name of a tier, whose letters may have any case. */
export const findTier = ({ values }: Tiers, text: unknown): string | undefined =>
  typeof text === "string"
    ? Object.keys(values).find((name) => name.toLowerCase() === text.toLowerCase())
    : undefined

/** Is the text, such as `"1024x768"`, a size of the grid? */
export const isOnGrid = (grid: Grid, text: unknown): boolean => {
  const { side, multiple, pixels, minPixels = 0, ratio } = grid
  const size = parseSize(text)
  if (!size) return false
  const { width, height } = size
  const [short, long] = [Math.min(width, height), Math.max(width, height)]
  return (
    short >= side[0] &&
    long <= side[1] &&
    width % multiple === 0 &&
    height % multiple === 0 &&
    width * height <= pixels &&
    width * height >= minPixels &&
    long <= short * ratio
  )
}
