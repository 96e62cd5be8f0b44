import {
  type Area,
  areaOfWords,
  cutOut,
  enlarge,
  erase,
  extend,
  fill,
  followEdges,
  followStructure,
  followStyle,
  grown,
  magnify,
  maskArea,
  numberAt,
  recolor,
  resized,
  textAt,
  transferStyle,
  transparentArea,
} from "@pictor/emulator-kit"
import type { Service } from "../schemas/services.ts"
import type { Edit, Editing } from "./edit.ts"

type Paint = Edit["paint"]

/** An edit of `image` alone. */
const single = (paint: Paint): Edit => ({ within: "", pictures: ["image"], paint })

const masked = (
  change: (image: Editing["image"], area: Area, drawing: Editing["drawing"]) => ReturnType<Paint>,
): Edit => ({
  within: "",
  pictures: ["image", "mask"],
  paint: async (editing) => change(editing.image, await maskedArea(editing), editing.drawing),
})

/** White in the mask marks the area to change. Without a mask it is the transparent area. */
const maskedArea = async ({ parameters, image, input }: Editing): Promise<Area> => {
  const mask = input("mask")
  const area =
    mask === undefined
      ? transparentArea(image)
      : maskArea(await resized(mask, image.width, image.height), "white")
  return grown(area, numberAt(parameters, "grow_mask") ?? 5)
}

const foundArea = ({ parameters, image }: Editing, key: string): Area =>
  grown(areaOfWords(image, textAt(parameters, key) ?? ""), numberAt(parameters, "grow_mask") ?? 5)

const outpaint: Paint = ({ drawing, parameters, image }) => {
  const place = { left: numberAt(parameters, "left") ?? 0, top: numberAt(parameters, "up") ?? 0 }
  return extend(image, place, drawing, numberAt(parameters, "creativity") ?? 0.5)
}

const styleTransfer: Paint = ({ drawing, parameters, image, input }) =>
  transferStyle(image, input("style_image") ?? image, drawing, {
    composition: numberAt(parameters, "composition_fidelity") ?? 0.9,
    style: numberAt(parameters, "style_strength") ?? 1,
    change: numberAt(parameters, "change_strength") ?? 0.9,
  })

/**
 * The edits of Stability's image services;
 * https://docs.aws.amazon.com/bedrock/latest/userguide/stable-image-services.html, seen 2026-11-20
 */
export const serviceEdits: { readonly [service in Service]: Edit } = {
  inpaint: masked(fill),
  "erase-object": masked(erase),
  "search-replace": single((editing) =>
    fill(editing.image, foundArea(editing, "search_prompt"), editing.drawing),
  ),
  "search-recolor": single((editing) =>
    recolor(editing.image, foundArea(editing, "select_prompt"), editing.drawing),
  ),
  outpaint: single(outpaint),
  "remove-background": single(({ image }) => cutOut(image)),
  "control-sketch": single(({ drawing, parameters, image }) =>
    followEdges(image, drawing, numberAt(parameters, "control_strength") ?? 0.7),
  ),
  "control-structure": single(({ drawing, parameters, image }) =>
    followStructure(image, drawing, numberAt(parameters, "control_strength") ?? 0.7),
  ),
  "style-guide": single(({ drawing, parameters, image }) =>
    followStyle(image, drawing, numberAt(parameters, "fidelity") ?? 0.5),
  ),
  "style-transfer": { within: "", pictures: ["init_image", "style_image"], paint: styleTransfer },
  "creative-upscale": single(({ drawing, parameters, image }) =>
    enlarge(image, drawing, numberAt(parameters, "creativity") ?? 0.3),
  ),
  // The conservative service changes less at the same creativity.
  "conservative-upscale": single(({ drawing, parameters, image }) =>
    enlarge(image, drawing, (numberAt(parameters, "creativity") ?? 0.35) / 4),
  ),
  "fast-upscale": single(({ drawing, image }) => magnify(image, drawing)),
}
