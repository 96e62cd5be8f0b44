import type { Parameter, TaskCard } from "./card.ts"
import { allowedBy } from "./check.ts"
import { givenAs } from "./nearest.ts"
import type { Notes } from "./notes.ts"
import type { Size } from "./plan.ts"
import type { Loose } from "./request.ts"
import {
  area,
  isLegalSize,
  type PriceOfPixels,
  parseRatio,
  parseSize,
  type SizeParameter,
  sizeOfRatio,
  sizeText,
  snapRatio,
  snapSize,
} from "./sizes.ts"

export interface Frame {
  readonly size?: Size
  readonly aspectRatio?: string
}

type Asked = { readonly field: "size" | "aspectRatio"; readonly text: string; readonly size?: Size; readonly ratio: number }

const percent = (to: number, from: number): string => `${to >= from ? "+" : "-"}${Math.round(Math.abs(to / from - 1) * 1000) / 10} %`

const readAsked = (fields: Loose, notes: Notes): Asked | undefined => {
  const { size, aspectRatio } = fields
  if (size !== undefined && aspectRatio !== undefined) {
    notes.invalid("size", "size and aspectRatio are two ways to say the same. Give one of them.", undefined)
    return undefined
  }
  if (aspectRatio !== undefined) {
    const ratio = parseRatio(aspectRatio)
    if (ratio !== undefined) return { field: "aspectRatio", text: aspectRatio as string, ratio }
    notes.invalid("aspectRatio", `aspectRatio must be two positive numbers with a colon, such as "16:9".`, `"16:9"`, givenAs(aspectRatio))
  } else if (size !== undefined && size !== "auto") {
    const parsed = parseSize(size)
    if (parsed) return { field: "size", text: size as string, size: parsed, ratio: parsed.width / parsed.height }
    notes.invalid("size", `size must be width x height in pixels, such as "1024x768", or "auto".`, `"1024x768" or "auto"`, givenAs(size))
  }
  return undefined
}

const fitRatio = (parameter: Extract<Parameter, { readonly kind: "ratios" }>, asked: Asked | undefined, notes: Notes): Frame => {
  if (!asked) return { aspectRatio: parameter.default as string }
  const chosen = snapRatio(parameter.values, asked.ratio)
  const ratio = parseRatio(chosen) ?? 1
  const exact = Math.abs(Math.log(ratio / asked.ratio)) < 1e-9
  // The model draws at about one size; an asked size of another area is a loss.
  const near = !asked.size || Math.abs(Math.log(area(asked.size) / parameter.pixels)) <= Math.log(1.1)
  if (chosen !== asked.text) {
    const distance = `${percent(ratio, asked.ratio)} in ratio${asked.size ? `, about ${percent(parameter.pixels, area(asked.size))} in pixels` : ""}`
    notes.change({
      field: asked.field,
      action: exact && near ? "mapped" : "snapped",
      from: asked.text,
      to: chosen,
      why: `the model takes aspect ratios, ${allowedBy(parameter)}; the nearest differs by ${distance}`,
    })
  }
  return { aspectRatio: chosen }
}

const fitSize = (parameter: SizeParameter, asked: Asked | undefined, priceOf: PriceOfPixels, notes: Notes): Frame => {
  const standard = parseSize(parameter.default) as Size
  if (!asked) return { size: standard }
  if (asked.size && isLegalSize(parameter, asked.text)) return { size: asked.size }
  const wanted = asked.size ?? sizeOfRatio(asked.ratio, area(standard))
  const size = snapSize(parameter, wanted, priceOf)
  const exact = !asked.size && Math.abs(Math.log(size.width / size.height / asked.ratio)) < 1e-9
  const distance = `${percent(size.width / size.height, asked.ratio)} in ratio, ${percent(area(size), area(wanted))} in pixels`
  const limits = parameter.kind === "grid" ? allowedBy(parameter) : `${parameter.values.length} sizes`
  notes.change({
    field: asked.field,
    action: exact ? "mapped" : "snapped",
    from: asked.text,
    to: sizeText(size),
    why: `the model takes ${limits}; the nearest differs by ${distance}`,
  })
  return { size }
}

/** The size, or the aspect ratio, that the model will draw. */
export const fitFrame = (task: TaskCard, fields: Loose, priceOf: PriceOfPixels, model: string, notes: Notes): Frame => {
  const asked = readAsked(fields, notes)
  const { size, aspectRatio } = task.fields
  if (size?.kind === "sizes" || size?.kind === "grid") return fitSize(size, asked, priceOf, notes)
  if (aspectRatio?.kind === "ratios") return fitRatio(aspectRatio, asked, notes)
  if (asked) notes.change({ field: asked.field, action: "dropped", from: asked.text, to: undefined, why: `${model} chooses the size itself` })
  return {}
}
