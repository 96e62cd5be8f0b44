import { BedrockRuntimeClient, ConverseCommand } from "@aws-sdk/client-bedrock-runtime"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { encoded, pngOf, rawOf } from "./__fixtures__/images.ts"
import { checkBody } from "./check-body.ts"
import { type BedrockEmulator, createBedrockEmulator } from "./emulator.ts"

const omni = "us.amazon.nova-2-omni-v1:0"
const image = pngOf(64, 96)
const user = (...content: readonly object[]): object => ({ messages: [{ role: "user", content }] })
const text = { text: "tea" }
const png = { image: { format: "png", source: { bytes: image } } }

let emulator: BedrockEmulator
let client: BedrockRuntimeClient

beforeEach(async () => {
  emulator = await createBedrockEmulator({ seed: 1 })
  client = new BedrockRuntimeClient({
    region: "us-east-1",
    endpoint: emulator.url,
    credentials: { accessKeyId: "any", secretAccessKey: "any" },
    maxAttempts: 1,
  })
})

afterEach(async () => {
  client.destroy()
  await emulator.close()
})

const converse = (prompt: string, more: object = {}) =>
  client.send(
    new ConverseCommand({
      modelId: omni,
      messages: [{ role: "user", content: [{ text: prompt }] }],
      ...more,
    }),
  )

describe("a body of Converse", () => {
  test.each([
    user(text),
    user(png, text),
    user(text, png, png, png, png, png),
    {
      ...user(text),
      system: [text],
      inferenceConfig: { maxTokens: 5000, temperature: 1, topP: 0 },
    },
    { ...user(text), additionalModelRequestFields: { inferenceConfig: { topK: 128 } } },
  ])("is accepted: %j", (body) => {
    expect(checkBody(omni, body)).toEqual([])
  })

  test.each<readonly [body: object, path: string, message: string]>([
    [{}, "#", "required key [messages] not found"],
    [user(), "#/messages/0/content", "expected minimum item count: 1, found: 0"],
    [user(png), "#/messages/0/content", "a text is required"],
    [user({ text: "" }), "#/messages/0/content/0/text", "expected minLength: 1, actual: 0"],
    [
      user(text, { image: { format: "jpeg", source: { bytes: image } } }),
      "#/messages/0/content/1/image/format",
      "the image is png, not jpeg",
    ],
    [
      user(text, png, png, png, png, png, png),
      "#/messages/0/content",
      "6 images is not less or equal to 5",
    ],
    [
      { ...user(text), inferenceConfig: { maxTokens: 5001 } },
      "#/inferenceConfig/maxTokens",
      "5001 is not less or equal to 5000",
    ],
    [
      { ...user(text), inferenceConfig: { topK: 1 } },
      "#/inferenceConfig",
      "extraneous key [topK] is not permitted",
    ],
    [{ ...user(text), seed: 1 }, "#", "extraneous key [seed] is not permitted"],
  ])("is rejected: %j", (body, path, message) => {
    expect(checkBody(omni, body)).toEqual([{ path, message }])
  })
})

describe("Converse", () => {
  test("answers the published client with a picture and its tokens", async () => {
    const { output, stopReason, usage } = await converse("tea")
    const bytes = output?.message?.content?.[0]?.image?.source?.bytes
    expect(Buffer.from(bytes ?? []).subarray(1, 4)).toEqual(Buffer.from("PNG"))
    expect(stopReason).toBe("end_turn")
    expect(usage).toMatchObject({ inputTokens: 1, outputTokens: 1024, totalTokens: 1025 })
  })

  test("bills tokens of words and pictures by their prices", async () => {
    await converse("tea")
    await converse("tea [[fault:missing-images]]")
    await converse("tea [[fault:filtered-output]]")
    await converse("tea [[fault:throttle]]").catch(() => {})
    expect(emulator.bill).toEqual([
      expect.objectContaining({ modelId: omni, input: 1, outputImage: 1024, microUsd: 45_056 }),
      expect.objectContaining({ input: 7, outputText: 8, outputImage: 0, microUsd: 22 }),
      expect.objectContaining({ input: 8, outputText: 0, microUsd: 2 }),
    ])
  })

  test("ends at maxTokens without a picture, and bills the tokens up to it", async () => {
    const reply = await converse("tea", { inferenceConfig: { maxTokens: 100 } })
    expect(reply).toMatchObject({ stopReason: "max_tokens", usage: { outputTokens: 100 } })
    expect(reply.output?.message?.content).toEqual([])
    expect(emulator.bill).toEqual([
      expect.objectContaining({ outputText: 0, outputImage: 100, microUsd: 4400 }),
    ])
  })

  test.each([
    ["filtered-input", "content_filtered"],
    ["filtered-output", "content_filtered"],
    ["guardrail", "guardrail_intervened"],
    ["inference-error", "malformed_model_output"],
  ])("answers the fault %s with the stop reason %s", async (fault, stopReason) => {
    expect(await converse(`tea [[fault:${fault}]]`)).toMatchObject({ stopReason })
  })

  test("draws an edit in the size of the first picture, wherever it stands", async () => {
    const drawing = await encoded(rawOf(64, 96, ({ x, y }) => [x, y, 128]))
    const bytes = Buffer.from(drawing, "base64")
    const picture = { image: { format: "png", source: { bytes } } }
    for (const content of [
      [{ text: "tea" }, picture],
      [picture, { text: "tea" }],
    ]) {
      const { output, usage } = await converse("", { messages: [{ role: "user", content }] })
      const drawn = Buffer.from(output?.message?.content?.[0]?.image?.source?.bytes ?? [])
      expect([drawn.readUInt32BE(16), drawn.readUInt32BE(20)]).toEqual([64, 96])
      expect(usage?.inputTokens).toBe(231)
    }
  })

  test("rejects a model that it does not serve", async () => {
    await expect(converse("tea", { modelId: "amazon.nova-canvas-v1:0" })).rejects.toThrow(
      "This action doesn't support the model that you provided.",
    )
  })

  test("rejects Nova 2 Omni by its own id, and takes the preview's", async () => {
    await expect(converse("tea", { modelId: "amazon.nova-2-omni-v1:0" })).rejects.toThrow(
      "on-demand throughput isn't supported",
    )
    const preview = "amazon.nova-2-omni-preview-20251202-v1:0"
    expect(await converse("tea", { modelId: preview })).toMatchObject({ stopReason: "end_turn" })
  })
})
