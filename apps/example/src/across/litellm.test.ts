import { describe, expect, test, vi } from "vitest"
import { onEmulator } from "./on-emulator.ts"

// The calls of https://docs.litellm.ai/docs/image_generation/bedrock (seen 2026-11-20), in Pictor's
// words.
const prompt = "A cute baby sea otter"

describe("LiteLLM's page of Bedrock images, as Pictor calls", () => {
  test.each([
    {
      model: "bedrock/stability.stability.sd3-large-v1:0",
      called: "stability.sd3-large-v1:0",
      microUsd: 80_000,
    },
    {
      model: "bedrock/stability.stable-diffusion-xl-v0",
      called: "stability.stable-diffusion-xl-v0",
      microUsd: 18_000,
    },
    {
      model: "bedrock/stability.stable-diffusion-xl-v1",
      called: "stability.stable-diffusion-xl-v1",
      microUsd: 40_000,
    },
    {
      model: "bedrock/amazon.titan-image-generator-v1",
      called: "amazon.titan-image-generator-v1",
      microUsd: 10_000,
    },
    {
      model: "bedrock/amazon.titan-image-generator-v2:0",
      called: "amazon.titan-image-generator-v2:0",
      microUsd: 10_000,
    },
    {
      model: "bedrock/amazon.nova-canvas-v1:0",
      called: "amazon.nova-canvas-v1:0",
      microUsd: 40_000,
    },
  ])("$model draws, and its cost is tracked", async ({ model, called, microUsd }) => {
    await using run = onEmulator()
    const { images, cost } = await run.pictor.generate({ model, prompt })
    expect(images).toHaveLength(1)
    expect(cost).toEqual({ microUsd, maybeMicroUsd: 0, unpricedImages: 0 })
    expect(run.requests.map(({ modelId }) => modelId)).toEqual([called])
  })

  test("the doubled prefix is accepted with a warning", async () => {
    await using run = onEmulator()
    const { warnings } = await run.pictor.generate({
      model: "bedrock/stability.stability.sd3-large-v1:0",
      prompt,
    })
    expect(warnings).toContainEqual(expect.stringContaining("doubles its prefix"))
  })

  test("SDXL 0.8 at 128x512 with seed 30 costs 0.018 USD", async () => {
    await using run = onEmulator()
    const { images, cost, changes } = await run.pictor.generate({
      model: "bedrock/stability.stable-diffusion-xl-v0",
      prompt,
      size: "128x512",
      seed: 30,
    })
    expect(images.map(({ width, height, seed }) => ({ width, height, seed }))).toEqual([
      { width: 128, height: 512, seed: 30 },
    ])
    expect(cost.microUsd).toBe(18_000)
    expect(changes).toEqual([])
  })

  test("an inference profile's ARN is called, and the base model priced", async () => {
    await using run = onEmulator()
    const modelId =
      "arn:aws:bedrock:eu-west-1:000000000000:application-inference-profile/a0a0a0a0a0a0"
    const { cost } = await run.pictor.generate({
      model: "bedrock/amazon.nova-canvas-v1:0",
      modelId,
      prompt,
    })
    expect(cost.microUsd).toBe(40_000)
    expect(run.requests.map((each) => each.modelId)).toEqual([modelId])
  })

  test("keys and region come from the environment's AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION_NAME", async () => {
    for (const name of [
      "AWS_REGION",
      "AWS_DEFAULT_REGION",
      "AWS_PROFILE",
      "AWS_BEARER_TOKEN_BEDROCK",
      "AWS_SESSION_TOKEN",
    ])
      vi.stubEnv(name, undefined)
    vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIDFROMENV")
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "from-env")
    vi.stubEnv("AWS_REGION_NAME", "us-east-1")
    await using run = onEmulator({}, {}, { credentials: undefined, region: undefined })
    await run.pictor.generate({ model: "bedrock/amazon.nova-canvas-v1:0", prompt })
    expect(run.requests[0]?.headers["authorization"]).toMatch(
      /Credential=AKIDFROMENV\/\d{8}\/us-east-1\/bedrock\/aws4_request/,
    )
  })
})
