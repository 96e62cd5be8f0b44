import { base64, closed, type JsonSchema, oneOf } from "./parts.ts"

// https://docs.aws.amazon.com/nova/latest/userguide/image-gen-req-resp-structure.html, seen
// 2026-11-20

const maskShape = oneOf("CONTOUR", "BOUNDING_BOX", "DEFAULT")

const preserve = oneOf("ON", "OFF", "DEFAULT")

const garmentClass = oneOf(
  "UPPER_BODY",
  "LOWER_BODY",
  "FULL_BODY",
  "FOOTWEAR",
  "LONG_SLEEVE_SHIRT",
  "SHORT_SLEEVE_SHIRT",
  "NO_SLEEVE_SHIRT",
  "OTHER_UPPER_BODY",
  "LONG_PANTS",
  "SHORT_PANTS",
  "OTHER_LOWER_BODY",
  "LONG_DRESS",
  "SHORT_DRESS",
  "FULL_BODY_OUTFIT",
  "OTHER_FULL_BODY",
  "SHOES",
  "BOOTS",
  "OTHER_FOOTWEAR",
)

const garmentStyling = closed({
  longSleeveStyle: oneOf("SLEEVE_DOWN", "SLEEVE_UP"),
  tuckingStyle: oneOf("UNTUCKED", "TUCKED"),
  outerLayerStyle: oneOf("CLOSED", "OPEN"),
})

/** `virtualTryOnParams` of Nova Canvas. */
export const tryOnParameters: JsonSchema = closed(
  {
    sourceImage: base64,
    referenceImage: base64,
    maskType: oneOf("IMAGE", "GARMENT", "PROMPT"),
    imageBasedMask: closed({ maskImage: base64 }, ["maskImage"]),
    garmentBasedMask: closed({ maskShape, garmentClass, garmentStyling }, ["garmentClass"]),
    promptBasedMask: closed({ maskShape, maskPrompt: { type: "string" } }, ["maskPrompt"]),
    maskExclusions: closed({
      preserveBodyPose: preserve,
      preserveHands: preserve,
      preserveFace: preserve,
    }),
    mergeStyle: oneOf("BALANCED", "SEAMLESS", "DETAILED"),
    returnMask: { type: "boolean" },
  },
  ["sourceImage", "referenceImage", "maskType"],
)
