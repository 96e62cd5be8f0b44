import { ellipseArea } from "../drawing/area.ts"
import { type Painted, paint } from "../drawing/drawing.ts"
import type { Drawing } from "../drawing/types.ts"

/** A scene inside an ellipse, with alpha 0 around it. */
export const paintIsolated = (drawing: Drawing): Painted => {
  const area = ellipseArea(drawing, { left: 0.1, top: 0.1, width: 0.8, height: 0.8 })
  const { width, height, data } = paint(drawing)
  return { pixels: { width, height, data, alpha: area.weight.slice() }, changed: area }
}
