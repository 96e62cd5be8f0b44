import { emptyArea, mixed, numberAt, paint } from "@pictor/emulator-kit"
import type { Edits } from "./edit.ts"

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
