import { describe, expect, test } from "vitest"
import { pngOf } from "./__fixtures__/images.ts"
import { checkBody } from "./check-body.ts"
import { resolveModel } from "./identifier.ts"

const nova = { taskType: "TEXT_IMAGE", textToImageParams: { text: "tea", style: "DESIGN_SKETCH" } }
const image = pngOf(512, 512)
const provisioned = "arn:aws:bedrock:us-east-1:123456789012:provisioned-model/abc"

describe("a model id", () => {
  test.each([
    ["amazon.nova-canvas-v1:0", "amazon.nova-canvas-v1:0"],
    ["us.amazon.nova-canvas-v1:0", "amazon.nova-canvas-v1:0"],
    ["us-gov.stability.sd3-5-large-v1:0", "stability.sd3-5-large-v1:0"],
    ["stability.stable-diffusion-xl", "stability.stable-diffusion-xl"],
    ["stability.stable-diffusion-xl-v1:0", "stability.stable-diffusion-xl-v1"],
    ["amazon.titan-image-generator-v1:0", "amazon.titan-image-generator-v1"],
    [
      "arn:aws:bedrock:us-west-2::foundation-model/stability.stable-image-core-v1:1",
      "stability.stable-image-core-v1:1",
    ],
    [
      "arn:aws-us-gov:bedrock:us-gov-west-1:123456789012:inference-profile/us-gov.amazon.titan-image-generator-v2:0",
      "amazon.titan-image-generator-v2:0",
    ],
  ])("%s is served by %s", (modelId, expected) => {
    expect(resolveModel(modelId, {})?.ids[0]).toBe(expected)
  })

  test.each([
    "",
    "nova-canvas",
    "amazon.nova-canvas-v1",
    "us.stability.stable-image-core-v1:1",
    "eu.stability.stable-image-ultra-v1:1",
    "stability.stability.sd3-large-v1:0",
    "mars.amazon.nova-canvas-v1:0",
    "arn:aws:bedrock:us-west-2::foundation-model/us.amazon.nova-canvas-v1:0",
    "arn:aws:bedrock:us-west-2:123456789012:inference-profile/amazon.nova-canvas-v1:0",
    "arn:aws:s3:::bucket/key",
  ])("%j is invalid", (modelId) => {
    expect(resolveModel(modelId, {})).toBeUndefined()
  })

  test.each([
    ["Nova Canvas", nova],
    [
      "Titan Image v2",
      {
        taskType: "INPAINTING",
        inPaintingParams: { image: "", maskPrompt: "a", returnMask: true },
      },
    ],
    ["SDXL 1.0", { text_prompts: [{ text: "tea" }] }],
    ["SD3.5 Large", { prompt: "tea" }],
    ["Stable Outpaint", { image, left: 9 }],
    ["Stable Search and Recolor", { prompt: "tea", image, select_prompt: "cup" }],
    ["Stable Style Transfer", { init_image: image, style_image: image }],
    ["Nova Canvas", { taskType: "TEXT_IMAGE", textToImageParams: {} }],
  ])("that is an opaque ARN is served by %s for %j", (label, body) => {
    expect(resolveModel(provisioned, body)?.label).toBe(label)
  })

  test("of an opaque ARN gets the violations of the most similar family", () => {
    expect(checkBody(provisioned, { prompt: "tea", seed: -1 })).toEqual([
      { path: "#/seed", message: "-1 is not greater or equal to 0" },
    ])
  })

  test("is served by the profiles", () => {
    expect(
      resolveModel(provisioned, nova, { [provisioned]: "stability.sd3-5-large-v1:0" })?.label,
    ).toBe("SD3.5 Large")
  })
})
