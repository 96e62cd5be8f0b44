import { BlockedReason, FinishReason, GoogleGenAI, MediaModality, type Part } from "@google/genai"
import { imageHeader } from "@pictor/emulator-kit"
import { OAuth2Client } from "google-auth-library"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { newest, prompt } from "./__fixtures__/ask.ts"
import { plain, pngPart, red } from "./__fixtures__/pictures.ts"
import { createGeminiEmulator, type GeminiEmulator } from "./emulator.ts"

let emulator: GeminiEmulator
let ai: GoogleGenAI
let vertex: GoogleGenAI

beforeAll(async () => {
  emulator = await createGeminiEmulator({ seed: 1, clock: { now: () => 0 } })
  const httpOptions = { baseUrl: emulator.url }
  ai = new GoogleGenAI({ apiKey: "any", httpOptions })
  const authClient = new OAuth2Client()
  authClient.setCredentials({ access_token: "any", expiry_date: 4_000_000_000_000 })
  vertex = new GoogleGenAI({
    vertexai: true,
    project: "tea",
    location: "us-central1",
    googleAuthOptions: { authClient },
    httpOptions,
  })
})

afterAll(() => emulator.close())

const picturesOf = (parts: readonly Part[] = []): readonly string[] =>
  parts.flatMap(({ thought, inlineData }) =>
    thought === true || inlineData?.data === undefined ? [] : [inlineData.data],
  )

const latest = (): (typeof emulator.requests)[number] | undefined => emulator.requests.at(-1)

describe("@google/genai on the Gemini API", () => {
  it("draws from words", async () => {
    const reply = await ai.models.generateContent({
      model: newest,
      contents: prompt,
      config: {
        responseModalities: ["TEXT", "IMAGE"],
        imageConfig: { aspectRatio: "16:9", imageSize: "1K" },
        seed: 7,
        maxOutputTokens: 8192,
        temperature: 1,
        systemInstruction: "Paint.",
      },
    })
    const parts = reply.candidates?.[0]?.content?.parts
    expect(imageHeader(picturesOf(parts)[0] ?? "")).toEqual({
      format: "jpeg",
      width: 1376,
      height: 768,
    })
    expect(reply.text).toBe("Here is the picture.")
    expect(reply.candidates?.[0]?.finishReason).toBe(FinishReason.STOP)
    expect(reply.usageMetadata?.candidatesTokensDetails).toContainEqual({
      modality: MediaModality.IMAGE,
      tokenCount: 1120,
    })
    expect([reply.modelVersion, reply.responseId]).toEqual([newest, expect.any(String)])
    expect(latest()?.path).toBe(`/v1/models/${newest}:generateContent`)
  })

  it("draws on v1beta", async () => {
    const httpOptions = { baseUrl: emulator.url, apiVersion: "v1beta" }
    const beta = new GoogleGenAI({ apiKey: "any", httpOptions })
    const config = { imageConfig: { imageSize: "512" } }
    const reply = await beta.models.generateContent({ model: newest, contents: prompt, config })
    expect(picturesOf(reply.candidates?.[0]?.content?.parts)).toHaveLength(1)
    expect(latest()?.path).toBe(`/v1beta/models/${newest}:generateContent`)
  })

  it("edits pictures", async () => {
    const picture = pngPart(await plain(640, 480, red))
    const reply = await ai.models.generateContent({
      model: newest,
      contents: ["First", picture, "Second", picture, "Combine them."],
      config: { responseModalities: ["IMAGE"], imageConfig: { imageSize: "512" } },
    })
    const [edited = ""] = picturesOf(reply.candidates?.[0]?.content?.parts)
    expect(imageHeader(edited)).toMatchObject({ width: 600, height: 448 })
    expect(reply.usageMetadata?.promptTokensDetails).toContainEqual({
      modality: MediaModality.IMAGE,
      tokenCount: 2240,
    })
  })

  it("edits the picture of its own chat", async () => {
    const config = { imageConfig: { imageSize: "512" } }
    const chat = ai.chats.create({ model: newest, config })
    await chat.sendMessage({ message: "A red wall" })
    const reply = await chat.sendMessage({ message: "Add a window" })
    expect(picturesOf(reply.candidates?.[0]?.content?.parts)).toHaveLength(1)
    // The thought picture goes back to the model as well.
    expect(reply.usageMetadata?.promptTokensDetails?.[1]).toEqual({
      modality: MediaModality.IMAGE,
      tokenCount: 2240,
    })
  })

  it("reads a refused prompt", async () => {
    const contents = "Tea [[fault:blocked-prohibited-content]]"
    const reply = await ai.models.generateContent({ model: newest, contents })
    expect(reply.promptFeedback?.blockReason).toBe(BlockedReason.PROHIBITED_CONTENT)
    expect(reply.candidates).toBeUndefined()
  })

  it.each([
    ["refused-image-safety", FinishReason.IMAGE_SAFETY, undefined],
    ["no-image", FinishReason.NO_IMAGE, "I can only describe this picture."],
    ["max-tokens", FinishReason.MAX_TOKENS, undefined],
  ])("reads a reply without a picture: %s", async (fault, finishReason, text) => {
    const contents = `Tea [[fault:${fault}]]`
    const reply = await ai.models.generateContent({ model: newest, contents })
    expect(reply.candidates?.[0]?.finishReason).toBe(finishReason)
    expect(reply.text).toBe(text)
    expect(reply.usageMetadata?.totalTokenCount).toBeGreaterThan(0)
  })

  it.each([
    ["throttle;retry=1", 429, "RESOURCE_EXHAUSTED"],
    ["invalid-key", 400, "INVALID_ARGUMENT"],
    ["permission-denied", 403, "PERMISSION_DENIED"],
    ["internal", 500, "INTERNAL"],
    ["unavailable", 503, "UNAVAILABLE"],
  ])("throws for %s", async (fault, status, name) => {
    const contents = `Tea [[fault:${fault}]]`
    const call = ai.models.generateContent({ model: newest, contents })
    await expect(call).rejects.toMatchObject({ name: "ApiError", status })
    await expect(call).rejects.toThrow(`"status":"${name}"`)
  })

  it("throws for a lower-case size and for an unknown model", async () => {
    const config = { imageConfig: { imageSize: "1k" } }
    await expect(
      ai.models.generateContent({ model: newest, contents: prompt, config }),
    ).rejects.toThrow("image_size must be one of")
    await expect(
      ai.models.generateContent({ model: "imagen-4", contents: prompt }),
    ).rejects.toMatchObject({ status: 404 })
  })

  it("lists the models", async () => {
    const names: (string | undefined)[] = []
    for await (const { name } of await ai.models.list()) names.push(name)
    expect(names).toContain(`models/${newest}`)
    expect(await ai.models.get({ model: newest })).toMatchObject({ inputTokenLimit: 131_072 })
  })
})

describe("@google/genai on Vertex AI", () => {
  it("draws with the fields that only Vertex AI has", async () => {
    const reply = await vertex.models.generateContent({
      model: newest,
      contents: prompt,
      config: {
        responseModalities: ["IMAGE"],
        imageConfig: {
          aspectRatio: "1:1",
          imageSize: "512",
          personGeneration: "ALLOW_ADULT",
          outputMimeType: "image/png",
          outputCompressionQuality: 90,
        },
        labels: { team: "tea" },
      },
    })
    const [picture = ""] = picturesOf(reply.candidates?.[0]?.content?.parts)
    expect(imageHeader(picture)).toEqual({ format: "png", width: 512, height: 512 })
    expect(reply.createTime).toBe("1970-01-01T00:00:00.000Z")
    expect(latest()?.path).toBe(
      `/v1beta1/projects/tea/locations/us-central1/publishers/google/models/${newest}:generateContent`,
    )
    expect(latest()?.headers["authorization"]).toBe("Bearer any")
  })

  it("reads why a prompt was refused", async () => {
    const contents = "Tea [[fault:blocked-jailbreak]]"
    const reply = await vertex.models.generateContent({ model: newest, contents })
    expect(reply.promptFeedback?.blockReason).toBe(BlockedReason.JAILBREAK)
    expect(reply.promptFeedback?.blockReasonMessage).toContain("blocked")
  })

  it("throws without a valid token", async () => {
    const contents = "Tea [[fault:unauthenticated]]"
    await expect(vertex.models.generateContent({ model: newest, contents })).rejects.toMatchObject({
      status: 401,
    })
  })
})
