import type { Parameter } from "../contract/card.ts"
import type { Size } from "../contract/plan.ts"

export type Grid = Extract<Parameter, { readonly kind: "grid" }>

export const area = ({ width, height }: Size): number => Math.round(width * height)

export const sizeText = ({ width, height }: Size): string => `${width}x${height}`

/** `"1024x768"` → numbers; anything else → undefined. */
export const parseSize = (text: unknown): Size | undefined => {
  const match = typeof text === "string" ? /^([1-9]\d{0,8})x([1-9]\d{0,8})$/.exec(text) : null
  return match ? { width: Number(match[1]), height: Number(match[2]) } : undefined
}

/** Is the text, such as `"1024x768"`, a size of the grid? */
export const isOnGrid = ({ side, multiple, pixels, ratio }: Grid, text: unknown): boolean => {
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
    long <= short * ratio
  )
}
