import { describe, expect, test } from "vitest"
import { accepted } from "./__fixtures__/accepted.ts"
import { pngOf } from "./__fixtures__/images.ts"
import { checkBody } from "./check-body.ts"

const nova = "amazon.nova-canvas-v1:0"
const titan1 = "amazon.titan-image-generator-v1"
const titan2 = "amazon.titan-image-generator-v2:0"
const sdxl0 = "stability.stable-diffusion-xl-v0"
const sdxl1 = "stability.stable-diffusion-xl-v1:0"
const sd35 = "stability.sd3-5-large-v1:0"
const core = "stability.stable-image-core-v1:0"
const ultra = "stability.stable-image-ultra-v1:1"

const text = "tea"
const image = pngOf(512, 512)
const config = (imageGenerationConfig: object): object => ({
  taskType: "TEXT_IMAGE",
  textToImageParams: { text },
  imageGenerationConfig,
})
const words = (textToImageParams: object): object => ({ taskType: "TEXT_IMAGE", textToImageParams })
const inpainting = (inPaintingParams: object, more: object = {}): object => ({
  taskType: "INPAINTING",
  inPaintingParams,
  ...more,
})
const sdxlBody = (more: object): object => ({ text_prompts: [{ text }], ...more })

const settings = "#/imageGenerationConfig"

type Refused = readonly [modelId: string, body: unknown, path: string, message: string]

const refused: readonly Refused[] = [
  ["amazon.nova-canvas-v9:0", config({}), "#", "The provided model identifier is invalid."],
  [nova, null, "#", "expected type: JSONObject, found: Null"],
  [nova, [], "#", "expected type: JSONObject, found: JSONArray"],
  [nova, {}, "#", "required key [taskType] not found"],
  [nova, { taskType: "UPSCALE" }, "#/taskType", "UPSCALE is not a valid enum value"],
  [nova, { taskType: "toString" }, "#/taskType", "toString is not a valid enum value"],
  [nova, { taskType: "TEXT_IMAGE" }, "#", "required key [textToImageParams] not found"],
  [nova, words({}), "#/textToImageParams", "required key [text] not found"],
  [nova, words({ text: "" }), "#/textToImageParams/text", "expected minLength: 1, actual: 0"],
  [
    nova,
    words({ text: "🍃".repeat(1025) }),
    "#/textToImageParams/text",
    "expected maxLength: 1024, actual: 1025",
  ],
  [nova, words({ text: 7 }), "#/textToImageParams/text", "expected type: String, found: Integer"],
  [
    nova,
    words({ text, style: "CUBISM" }),
    "#/textToImageParams/style",
    "CUBISM is not a valid enum value",
  ],
  [
    nova,
    words({ text, controlMode: "SEGMENTATION" }),
    "#/textToImageParams",
    "property [conditionImage] is required",
  ],
  [
    nova,
    words({ text, conditionImage: "data:image/png;base64,AAAA" }),
    "#/textToImageParams/conditionImage",
    "not a base64-encoded png, jpeg image",
  ],
  [nova, config({ cfgScale: 12 }), `${settings}/cfgScale`, "12 is not less or equal to 10"],
  [nova, config({ cfgScale: 1 }), `${settings}/cfgScale`, "1 is not greater or equal to 1.1"],
  [
    nova,
    config({ seed: 2_147_483_647 }),
    `${settings}/seed`,
    "2147483647 is not less or equal to 2147483646",
  ],
  [nova, config({ seed: 1.5 }), `${settings}/seed`, "expected type: Integer, found: BigDecimal"],
  [
    nova,
    config({ numberOfImages: 6 }),
    `${settings}/numberOfImages`,
    "6 is not less or equal to 5",
  ],
  [nova, config({ width: 1000 }), `${settings}/width`, "1000 is not a multiple of 16"],
  [nova, config({ width: 304 }), `${settings}/width`, "304 is not greater or equal to 320"],
  [
    nova,
    config({ width: 2064, height: 2048 }),
    settings,
    "4227072 pixels is not less or equal to 4194304",
  ],
  [
    nova,
    config({ width: 320, height: 1296 }),
    settings,
    "the aspect ratio of 320x1296 is not within 1:4 to 4:1",
  ],
  [nova, inpainting({ image, text }), "#/inPaintingParams", "required key [maskImage] not found"],
  [
    nova,
    inpainting({ image, maskPrompt: "a", maskImage: image }),
    "#/inPaintingParams",
    "extraneous key [maskPrompt] is not permitted",
  ],
  [
    nova,
    inpainting({ image, maskPrompt: "a" }, { imageGenerationConfig: { width: 512 } }),
    settings,
    "extraneous key [width] is not permitted",
  ],
  [
    nova,
    inpainting({ image, maskPrompt: "a", returnMask: true }),
    "#/inPaintingParams",
    "extraneous key [returnMask] is not permitted",
  ],
  [
    nova,
    inpainting({ image, maskImage: pngOf(512, 640) }),
    "#/inPaintingParams/maskImage",
    "the mask is 512x640, the image 512x512",
  ],
  [
    nova,
    inpainting({ image: pngOf(319, 512), maskPrompt: "a" }),
    "#/inPaintingParams/image",
    "image side 319 is not greater or equal to 320",
  ],
  [
    nova,
    { taskType: "INPAINTING", inpaintingParams: { image } },
    "#",
    "required key [inPaintingParams] not found",
  ],
  [
    nova,
    {
      taskType: "BACKGROUND_REMOVAL",
      backgroundRemovalParams: { image },
      imageGenerationConfig: {},
    },
    "#",
    "extraneous key [imageGenerationConfig] is not permitted",
  ],
  [
    nova,
    { taskType: "COLOR_GUIDED_GENERATION", colorGuidedGenerationParams: { text, colors: [] } },
    "#/colorGuidedGenerationParams/colors",
    "expected minimum item count: 1, found: 0",
  ],
  [
    nova,
    { taskType: "COLOR_GUIDED_GENERATION", colorGuidedGenerationParams: { text, colors: ["red"] } },
    "#/colorGuidedGenerationParams/colors/0",
    "string [red] does not match pattern ^#[0-9a-fA-F]{6}$",
  ],
  [
    nova,
    { taskType: "IMAGE_VARIATION", imageVariationParams: { images: Array(6).fill(image) } },
    "#/imageVariationParams/images",
    "expected maximum item count: 5, found: 6",
  ],
  [
    nova,
    {
      taskType: "VIRTUAL_TRY_ON",
      virtualTryOnParams: { sourceImage: image, referenceImage: image, maskType: "PROMPT" },
    },
    "#/virtualTryOnParams",
    "required key [promptBasedMask] not found",
  ],
  [
    titan1,
    { taskType: "COLOR_GUIDED_GENERATION" },
    "#/taskType",
    "COLOR_GUIDED_GENERATION is not a valid enum value",
  ],
  [
    titan1,
    words({ text, conditionImage: image }),
    "#/textToImageParams",
    "extraneous key [conditionImage] is not permitted",
  ],
  [
    titan2,
    words({ text: "x".repeat(536) }),
    "#/textToImageParams/text",
    "expected maxLength: 512, actual: 536",
  ],
  [
    titan2,
    config({ width: 1024, height: 768 }),
    settings,
    "1024x768 is not a supported image size",
  ],
  [titan2, config({ width: 512 }), settings, "512x1024 is not a supported image size"],
  [
    titan2,
    { taskType: "BACKGROUND_REMOVAL", backgroundRemovalParams: { image: pngOf(1409, 64) } },
    "#/backgroundRemovalParams/image",
    "image side 1409 is not less or equal to 1408",
  ],
  [sdxl1, {}, "#", "required key [text_prompts] not found"],
  [sdxl1, { text_prompts: [] }, "#/text_prompts", "expected minimum item count: 1, found: 0"],
  [sdxl1, { text_prompts: [{ weight: 1 }] }, "#/text_prompts/0", "required key [text] not found"],
  [sdxl1, sdxlBody({ samples: 2 }), "#/samples", "2 is not less or equal to 1"],
  [sdxl1, sdxlBody({ steps: 9 }), "#/steps", "9 is not greater or equal to 10"],
  [sdxl1, sdxlBody({ width: 512, height: 512 }), "#", "512x512 is not a supported image size"],
  [
    sdxl1,
    sdxlBody({ image_strength: 0.5 }),
    "#",
    "extraneous key [image_strength] is not permitted",
  ],
  [
    sdxl1,
    sdxlBody({ init_image: image, step_schedule_end: 0.5 }),
    "#",
    "extraneous key [step_schedule_end] is not permitted",
  ],
  [
    sdxl1,
    sdxlBody({ init_image: image, mask_source: "MASK_IMAGE_BLACK" }),
    "#",
    "required key [mask_image] not found",
  ],
  [
    sdxl1,
    sdxlBody({ init_image: image, mask_source: "INIT_IMAGE_ALPHA", image_strength: 0.4 }),
    "#",
    "extraneous key [image_strength] is not permitted",
  ],
  [
    sdxl1,
    sdxlBody({ mask_source: "INIT_IMAGE_ALPHA" }),
    "#",
    "required key [init_image] not found",
  ],
  [sdxl0, sdxlBody({ cfg_scale: 31 }), "#/cfg_scale", "31 is not less or equal to 30"],
  [sdxl0, sdxlBody({ width: 576, height: 512 }), "#", "576x512 is not a supported image size"],
  [sd35, { prompt: "x".repeat(10_001) }, "#/prompt", "expected maxLength: 10000, actual: 10001"],
  [
    sd35,
    { prompt: text, mode: "image-to-image", strength: 1 },
    "#",
    "required key [image] not found",
  ],
  [
    sd35,
    { prompt: text, image, strength: 1, aspect_ratio: "1:1" },
    "#",
    "extraneous key [aspect_ratio] is not permitted",
  ],
  [
    sd35,
    { prompt: text, mode: "text-to-image", image },
    "#",
    "extraneous key [image] is not permitted",
  ],
  [sd35, { prompt: text, mode: "inpaint" }, "#/mode", "inpaint is not a valid enum value"],
  [
    sd35,
    { prompt: text, image: pngOf(63, 512), strength: 1 },
    "#/image",
    "image side 63 is not greater or equal to 64",
  ],
  [
    sd35,
    { prompt: text, seed: 4_294_967_295 },
    "#/seed",
    "4294967295 is not less or equal to 4294967294",
  ],
  [core, { prompt: text, image }, "#", "extraneous key [image] is not permitted"],
  [
    ultra,
    { prompt: text, mode: "image-to-image" },
    "#/mode",
    "image-to-image is not a valid enum value",
  ],
  [ultra, { prompt: text, aspect_ratio: "4:3" }, "#/aspect_ratio", "4:3 is not a valid enum value"],
  [core, { prompt: text, width: 512 }, "#", "extraneous key [width] is not permitted"],
]

describe("checkBody", () => {
  test.each(accepted)("accepts %s for %s", (_, modelId, body) => {
    expect(checkBody(modelId, body)).toEqual([])
  })

  test.each(refused)("rejects for %s %j at %s: %s", (modelId, body, path, message) => {
    expect(checkBody(modelId, body)).toContainEqual({ path, message })
  })

  test("lists every violation of the schema at once", () => {
    expect(checkBody(sd35, { prompt: 1, width: 2, seed: -1 })).toEqual([
      { path: "#", message: "extraneous key [width] is not permitted" },
      { path: "#/prompt", message: "expected type: String, found: Integer" },
      { path: "#/seed", message: "-1 is not greater or equal to 0" },
    ])
  })
})
