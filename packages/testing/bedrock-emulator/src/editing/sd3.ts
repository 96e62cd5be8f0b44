import { numberAt } from "../body.ts"
import { emptyArea } from "../drawing/area.ts"
import { paint } from "../drawing/drawing.ts"
import type { Edits } from "./edit.ts"
import { mixed } from "./mixed.ts"

/** Strength 0 keeps the picture, 1 ignores it. */
export const sd3Edits: Edits = {
  "image-to-image": {
    within: "",
    pictures: ["image"],
    paint: ({ drawing, parameters, image }) => {
      const strength = numberAt(parameters, "strength") ?? 0
      return strength === 0
        ? { pixels: image, changed: emptyArea(image) }
        : { pixels: mixed(image, paint(drawing), strength) }
    },
  },
}
