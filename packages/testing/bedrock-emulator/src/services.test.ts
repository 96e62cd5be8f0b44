import { describe, expect, test } from "vitest"
import { acceptedByServices } from "./__fixtures__/accepted-services.ts"
import { pngOf } from "./__fixtures__/images.ts"
import { createBackend } from "./backend.ts"
import { checkBody } from "./check-body.ts"
import { resolveModel } from "./identifier.ts"
import { services } from "./services.ts"

const image = pngOf(512, 512)
const prompt = "tea"
const drawn = { image, prompt }
const id = (service: string): string => `us.stability.stable-${service}-v1:0`
const styled = { init_image: image, style_image: image }

type Refused = readonly [service: string, body: object, path: string, message: string]

const refused: readonly Refused[] = [
  ["creative-upscale", { image }, "#", "required key [prompt] not found"],
  [
    "creative-upscale",
    { ...drawn, creativity: 0.51 },
    "#/creativity",
    "0.51 is not less or equal to 0.5",
  ],
  [
    "creative-upscale",
    { prompt, image: pngOf(1024, 1025) },
    "#/image",
    "1049600 pixels is not less or equal to 1048576",
  ],
  [
    "creative-upscale",
    { prompt, image: pngOf(63, 128) },
    "#/image",
    "image side 63 is not greater or equal to 64",
  ],
  [
    "creative-upscale",
    { prompt, image: pngOf(63, 64) },
    "#/image",
    "4032 pixels is not greater or equal to 4096",
  ],
  [
    "conservative-upscale",
    { ...drawn, style_preset: "anime" },
    "#",
    "extraneous key [style_preset] is not permitted",
  ],
  [
    "conservative-upscale",
    { ...drawn, creativity: 0.09 },
    "#/creativity",
    "0.09 is not greater or equal to 0.1",
  ],
  [
    "conservative-upscale",
    { prompt, image: pngOf(3072, 3073) },
    "#/image",
    "9440256 pixels is not less or equal to 9437184",
  ],
  ["fast-upscale", { image, prompt }, "#", "extraneous key [prompt] is not permitted"],
  ["fast-upscale", { image, seed: 1 }, "#", "extraneous key [seed] is not permitted"],
  [
    "fast-upscale",
    { image: pngOf(1537, 600) },
    "#/image",
    "image side 1537 is not less or equal to 1536",
  ],
  [
    "fast-upscale",
    { image: pngOf(31, 64) },
    "#/image",
    "image side 31 is not greater or equal to 32",
  ],
  ["image-inpaint", { ...drawn, grow_mask: 21 }, "#/grow_mask", "21 is not less or equal to 20"],
  [
    "image-inpaint",
    { ...drawn, mask_image: image },
    "#",
    "extraneous key [mask_image] is not permitted",
  ],
  [
    "image-inpaint",
    { ...drawn, mask: "AAAA" },
    "#/mask",
    "not a base64-encoded jpeg, png, webp image",
  ],
  [
    "image-inpaint",
    { prompt, image: pngOf(641, 256) },
    "#/image",
    "the aspect ratio of 641x256 is not within 1:2.5 to 2.5:1",
  ],
  ["outpaint", { image }, "#", "at least one of [left, right, up, down] must be greater than 0"],
  [
    "outpaint",
    { image, left: 0, down: 0 },
    "#",
    "at least one of [left, right, up, down] must be greater than 0",
  ],
  ["outpaint", { image, left: 2001 }, "#/left", "2001 is not less or equal to 2000"],
  ["outpaint", { image, left: 1.5 }, "#/left", "expected type: Integer, found: BigDecimal"],
  [
    "outpaint",
    { image, left: 9, negative_prompt: "x" },
    "#",
    "extraneous key [negative_prompt] is not permitted",
  ],
  [
    "image-search-recolor",
    { ...drawn, search_prompt: "x" },
    "#",
    "required key [select_prompt] not found",
  ],
  [
    "image-search-replace",
    { ...drawn, select_prompt: "x" },
    "#",
    "required key [search_prompt] not found",
  ],
  ["image-erase-object", drawn, "#", "extraneous key [prompt] is not permitted"],
  ["image-remove-background", { image, seed: 1 }, "#", "extraneous key [seed] is not permitted"],
  ["image-control-sketch", { prompt, control_image: image }, "#", "required key [image] not found"],
  [
    "image-control-structure",
    { ...drawn, control_strength: 1.01 },
    "#/control_strength",
    "1.01 is not less or equal to 1",
  ],
  [
    "image-style-guide",
    { ...drawn, aspect_ratio: "4:3" },
    "#/aspect_ratio",
    "4:3 is not a valid enum value",
  ],
  ["style-transfer", { image, style_image: image }, "#", "required key [init_image] not found"],
  [
    "style-transfer",
    { ...styled, change_strength: 0 },
    "#/change_strength",
    "0 is not greater or equal to 0.1",
  ],
  [
    "style-transfer",
    { init_image: image, style_image: pngOf(60, 60) },
    "#/style_image",
    "image side 60 is not greater or equal to 64",
  ],
]

describe("a service", () => {
  test.each(acceptedByServices)("accepts %s for %s", (_, modelId, body) => {
    expect(checkBody(modelId, body)).toEqual([])
    expect(checkBody(modelId.replace("us.", ""), body)).toEqual([])
  })

  test.each(refused)("%s rejects %j: at %s %s", (service, body, path, message) => {
    expect(checkBody(id(service), body)).toContainEqual({ path, message })
  })

  test("is one of thirteen, each with an accepted body", () => {
    const covered = new Set(acceptedByServices.map(([, modelId]) => modelId))
    expect([...covered].toSorted()).toEqual(services.map(({ ids }) => `us.${ids[0]}`).toSorted())
    expect(services).toHaveLength(13)
  })
})

describe("an inference profile", () => {
  const backend = createBackend()
  const ask = async (
    modelId: string,
  ): Promise<{ readonly status: number; readonly text: string }> => {
    const body = Buffer.from(JSON.stringify({ image, prompt, seed: -1 }))
    const { answer } = await backend({
      modelId,
      streaming: false,
      headers: { authorization: "Bearer emulated" },
      body,
    })
    return { status: answer.status, text: new TextDecoder().decode(answer.body) }
  }

  test.each(
    services.flatMap(({ ids }) => [
      ids[0],
      `arn:aws:bedrock:us-west-2::foundation-model/${ids[0]}`,
    ]),
  )("must stand in for %s", async (modelId) => {
    expect(await ask(modelId)).toEqual({
      status: 400,
      text: JSON.stringify({
        message: `Invocation of model ID ${modelId} with on-demand throughput isn't supported. Retry your request with the ID or ARN of an inference profile that contains this model.`,
      }),
    })
  })

  test.each(
    services.flatMap(({ ids }) => [
      `us.${ids[0]}`,
      `arn:aws:bedrock:us-east-2:123456789012:inference-profile/us.${ids[0]}`,
    ]),
  )("%s is one", async (modelId) => {
    expect((await ask(modelId)).text).toContain("Malformed input request")
  })

  test.each([
    "eu.stability.stable-outpaint-v1:0",
    "global.stability.stable-image-inpaint-v1:0",
    "us.stability.stable-image-outpaint-v1:0",
  ])("%s is none", (modelId) => {
    expect(resolveModel(modelId, {})).toBeUndefined()
  })
})
