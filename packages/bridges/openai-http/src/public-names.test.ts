import { describe, expect, it } from "vitest"
import { publicMessage, withoutCodeAdvice } from "./public-names.ts"

describe("withoutCodeAdvice", () => {
  it.each([
    ["image has 9 pixels. fitImage of @pictor/images makes it fit.", "image has 9 pixels."],
    [
      "the model needs a mask: give createPictor({ imageOps: sharpImages() }) of @pictor/images.",
      "the model needs a mask.",
    ],
    [
      "The price of x is unknown. Give it in createPictor({ prices }).",
      "The price of x is unknown.",
    ],
    [
      "host:80 has no model at this address; check http({ baseUrl }). It may have been billed",
      "host:80 has no model at this address.",
    ],
    ["guidance must be a number from 1.1 to 10.", "guidance must be a number from 1.1 to 10."],
  ])("removes advice about TypeScript options and packages: %s", (message, expected) => {
    expect(withoutCodeAdvice(message)).toBe(expected)
  })
})

describe("publicMessage", () => {
  it("names fields as the API does", () => {
    const message = "negativePrompt and aspectRatio exclude each other."
    expect(publicMessage(message, "negativePrompt", { ownFields: new Set() })).toBe(
      "negative_prompt and aspect_ratio exclude each other.",
    )
  })
})
