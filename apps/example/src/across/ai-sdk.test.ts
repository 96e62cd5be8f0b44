import { createAmazonBedrock } from "@ai-sdk/amazon-bedrock"
import { createBedrockEmulator } from "@pictor/bedrock-emulator"
import { generateImage } from "ai"
import { expect, test } from "vitest"

test("the Vercel AI SDK's Bedrock provider draws with Nova Canvas on the emulator", async () => {
  const emulator = await createBedrockEmulator({ seed: 1 })
  try {
    const provider = createAmazonBedrock({
      region: "us-east-1",
      accessKeyId: "AKIDEXAMPLE",
      secretAccessKey: "emulated",
      baseURL: emulator.url,
    })
    const { image, warnings } = await generateImage({
      model: provider.image("amazon.nova-canvas-v1:0"),
      prompt: "Sri lanka tea plantation.",
      size: "512x512",
      seed: 7,
    })
    expect(image.mediaType).toBe("image/png")
    expect(
      [...image.uint8Array.subarray(1, 4)].map((byte) => String.fromCharCode(byte)).join(""),
    ).toBe("PNG")
    expect(warnings).toEqual([])
    expect(emulator.requests).toHaveLength(1)
    expect(emulator.requests[0]).toMatchObject({
      modelId: "amazon.nova-canvas-v1:0",
      body: { taskType: "TEXT_IMAGE", imageGenerationConfig: { seed: 7 } },
    })
  } finally {
    await emulator.close()
  }
})
