import {
  type Area,
  areaOfWords,
  boxAreaOfWords,
  cutOut,
  dress,
  erase,
  fill,
  followColors,
  followEdges,
  followStructure,
  inverse,
  maskArea,
  numberAt,
  textAt,
  vary,
} from "@pictor/emulator-kit"
import type { Edit, Editing, Edits } from "./edit.ts"
import { areaOfGarment, withoutPreserved } from "./garment.ts"

/** Black in the mask marks the area to change. Without a prompt the surroundings fill it. */
const inpainting: Edit = {
  within: "inPaintingParams",
  pictures: ["image", "maskImage"],
  paint: ({ drawing, parameters, image, input }) => {
    const mask = input("maskImage")
    const area =
      mask === undefined
        ? areaOfWords(image, textAt(parameters, "maskPrompt") ?? "")
        : maskArea(mask, "black")
    return (textAt(parameters, "text") ?? "") === ""
      ? erase(image, area, drawing)
      : fill(image, area, drawing)
  },
}

/** White in the mask marks the area to change. A mask prompt names what stays. */
const outpainting: Edit = {
  within: "outPaintingParams",
  pictures: ["image", "maskImage"],
  paint: ({ drawing, parameters, image, input }) => {
    const mask = input("maskImage")
    const area =
      mask === undefined
        ? inverse(areaOfWords(image, textAt(parameters, "maskPrompt") ?? ""))
        : maskArea(mask, "white")
    return fill(image, area, drawing)
  },
}

const variation: Edit = {
  within: "imageVariationParams",
  pictures: ["images"],
  paint: ({ drawing, parameters, image, input }) =>
    vary(image, input("images/1"), drawing, numberAt(parameters, "similarityStrength") ?? 0.7),
}

const condition: Edit = {
  within: "textToImageParams",
  pictures: ["conditionImage"],
  paint: ({ drawing, parameters, image }) => {
    const follow =
      textAt(parameters, "controlMode") === "SEGMENTATION" ? followStructure : followEdges
    return follow(image, drawing, numberAt(parameters, "controlStrength") ?? 0.7)
  },
}

const colors: Edit = {
  within: "colorGuidedGenerationParams",
  pictures: ["referenceImage"],
  paint: ({ drawing, image }) => followColors(image, drawing),
}

const background: Edit = {
  within: "backgroundRemovalParams",
  pictures: ["image"],
  paint: ({ image }) => cutOut(image),
}

const tryOn: Edit = {
  within: "virtualTryOnParams",
  pictures: ["sourceImage", "referenceImage", "imageBasedMask/maskImage"],
  paint: (editing) =>
    dress(
      editing.image,
      editing.input("referenceImage") ?? editing.image,
      tryOnArea(editing),
      editing.drawing,
    ),
}

const tryOnArea = ({ parameters, image, input }: Editing): Area => {
  const mask = input("imageBasedMask/maskImage")
  if (textAt(parameters, "maskType") === "IMAGE" && mask !== undefined)
    return maskArea(mask, "black")
  const preserved = ["preserveFace", "preserveHands"].filter(
    (name) => textAt(parameters, "maskExclusions", name) === "ON",
  )
  return withoutPreserved(garmentArea({ parameters, image }), preserved)
}

const garmentArea = ({ parameters, image }: Pick<Editing, "parameters" | "image">): Area => {
  if (textAt(parameters, "maskType") === "PROMPT") {
    const words = textAt(parameters, "promptBasedMask", "maskPrompt") ?? ""
    const isBox = textAt(parameters, "promptBasedMask", "maskShape") === "BOUNDING_BOX"
    return isBox ? boxAreaOfWords(image, words) : areaOfWords(image, words)
  }
  const garmentClass = textAt(parameters, "garmentBasedMask", "garmentClass") ?? ""
  return areaOfGarment(image, garmentClass, textAt(parameters, "garmentBasedMask", "maskShape"))
}

/** The edits of Titan and Nova Canvas. A model has those that its schemas name. */
export const amazonEdits: Edits = {
  TEXT_IMAGE: condition,
  INPAINTING: inpainting,
  OUTPAINTING: outpainting,
  IMAGE_VARIATION: variation,
  COLOR_GUIDED_GENERATION: colors,
  BACKGROUND_REMOVAL: background,
  VIRTUAL_TRY_ON: tryOn,
}
