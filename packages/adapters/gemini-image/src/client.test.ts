import {
  type GenerateContentConfig,
  GoogleGenAI,
  HarmBlockThreshold,
  HarmCategory,
  type Part,
  ProminentPeople,
  ThinkingLevel,
} from "@google/genai"
import { createPictor, type ImageAdapter, type JsonObject } from "@pictor/core"
import { createGeminiEmulator } from "@pictor/gemini-emulator"
import { http } from "@pictor/http"
import { OAuth2Client } from "google-auth-library"
import { afterAll, describe, expect, it } from "vitest"
import { blue, red } from "./__fixtures__/pictures.ts"
import { geminiImage, vertexGemini, vertexGeminiImage } from "./index.ts"

const emulator = await createGeminiEmulator({ seed: 1 })
afterAll(() => emulator.close())

const httpOptions = { baseUrl: emulator.url, apiVersion: "v1beta" }
const location = "europe-west4"
const authClient = new OAuth2Client()
authClient.setCredentials({ access_token: "token", expiry_date: 4_000_000_000_000 })
const vertexUrl = new URL(vertexGemini({ project: "tea", location, token: () => "" }).baseUrl)

const apis = {
  gemini: {
    client: new GoogleGenAI({ apiKey: "key", httpOptions }),
    pictor: createPictor<readonly ImageAdapter[]>({
      adapters: [geminiImage(http({ key: "key", baseUrl: `${emulator.url}/v1beta` }))],
    }),
  },
  vertex: {
    client: new GoogleGenAI({
      vertexai: true,
      project: "tea",
      location,
      googleAuthOptions: { authClient },
      httpOptions: { ...httpOptions, apiVersion: "v1" },
    }),
    pictor: createPictor<readonly ImageAdapter[]>({
      adapters: [
        vertexGeminiImage(
          http({
            ...vertexGemini({ project: "tea", location, token: async () => "token" }),
            baseUrl: emulator.url + vertexUrl.pathname,
          }),
        ),
      ],
    }),
  },
} as const

const model = "gemini-3.1-flash-lite-image"
const text: Part = { text: "a lamp" }
const pngOf = (data: string): Part => ({ inlineData: { mimeType: "image/png", data } })

/** What Pictor always writes out. */
const usual = { responseModalities: ["IMAGE"], maxOutputTokens: 4096, seed: 7 }

const shape = { aspectRatio: "1:1", imageSize: "1K" }

interface Pair {
  readonly name: string
  readonly api?: "vertex"
  readonly request: JsonObject
  readonly parts?: Part[]
  readonly config: GenerateContentConfig
}

const pairs: readonly Pair[] = [
  { name: "words", request: {}, config: { imageConfig: shape } },
  {
    name: "a size and a ratio",
    request: { size: "1K", aspectRatio: "8:1" },
    config: { imageConfig: { ...shape, aspectRatio: "8:1" } },
  },
  {
    name: "an edit",
    request: { task: "image-to-image", image: red, references: [{ image: blue }] },
    parts: [text, pngOf(red), pngOf(blue)],
    config: { imageConfig: { imageSize: "1K" } },
  },
  {
    name: "a thinking level and safety settings",
    request: {
      options: {
        generationConfig: {
          thinkingConfig: { thinkingLevel: "HIGH", includeThoughts: true },
          temperature: 0.5,
          topP: 0.9,
        },
        safetySettings: [
          { category: "HARM_CATEGORY_HARASSMENT", threshold: "BLOCK_NONE" },
          { category: "HARM_CATEGORY_HATE_SPEECH", threshold: "BLOCK_ONLY_HIGH" },
        ],
      },
    },
    config: {
      imageConfig: shape,
      thinkingConfig: { thinkingLevel: ThinkingLevel.HIGH, includeThoughts: true },
      temperature: 0.5,
      topP: 0.9,
      safetySettings: [
        {
          category: HarmCategory.HARM_CATEGORY_HARASSMENT,
          threshold: HarmBlockThreshold.BLOCK_NONE,
        },
        {
          category: HarmCategory.HARM_CATEGORY_HATE_SPEECH,
          threshold: HarmBlockThreshold.BLOCK_ONLY_HIGH,
        },
      ],
    },
  },
  { name: "words", api: "vertex", request: {}, config: { imageConfig: shape } },
  {
    name: "a format, its compression and people",
    api: "vertex",
    request: {
      outputFormat: "jpeg",
      compression: 80,
      options: {
        generationConfig: {
          imageConfig: {
            personGeneration: "ALLOW_ADULT",
            prominentPeople: "BLOCK_PROMINENT_PEOPLE",
          },
        },
      },
    },
    config: {
      imageConfig: {
        ...shape,
        outputMimeType: "image/jpeg",
        outputCompressionQuality: 80,
        personGeneration: "ALLOW_ADULT",
        prominentPeople: ProminentPeople.BLOCK_PROMINENT_PEOPLE,
      },
    },
  },
]

describe("the published client", () => {
  it.each(pairs)(
    "sends the same as Pictor, and gets the same picture: $name, $api",
    async ({ api = "gemini", request, parts = [text], config }) => {
      const { client, pictor } = apis[api as keyof typeof apis]
      const reply = await client.models.generateContent({
        model,
        contents: [{ role: "user", parts }],
        config: { ...usual, ...config },
      })
      const theirs = emulator.requests.at(-1)
      const { image } = await pictor.generate({
        model,
        prompt: "a lamp",
        seed: 7,
        ...request,
      })
      const ours = emulator.requests.at(-1)
      expect(ours?.body).toEqual(theirs?.body)
      expect(ours?.path).toBe(theirs?.path)
      const header = api === "vertex" ? "authorization" : "x-goog-api-key"
      expect(ours?.headers[header]).toBe(theirs?.headers[header])
      const picture = reply.candidates?.[0]?.content?.parts?.at(-1)?.inlineData?.data
      expect(image.base64()).toBe(picture)
    },
  )
})

describe("vertexGemini", () => {
  it.each([
    [
      undefined,
      "https://aiplatform.googleapis.com/v1/projects/tea/locations/global/publishers/google",
    ],
    [
      location,
      "https://europe-west4-aiplatform.googleapis.com/v1/projects/tea/locations/europe-west4/publishers/google",
    ],
  ])("has the address of the location %s", (place, baseUrl) => {
    const options = { project: "tea", token: () => "token", ...(place && { location: place }) }
    expect(vertexGemini(options)).toMatchObject({ baseUrl })
  })

  it.each([
    [{ project: "" }, /project/],
    [{ project: "a/b" }, /project/],
    [{ project: "tea", location: "evil.example/" }, /location/],
  ])("rejects %j", (options, message) => {
    expect(() => vertexGemini({ token: () => "", ...options })).toThrow(
      expect.objectContaining({
        code: "invalid_request",
        message: expect.stringMatching(message) as string,
      }) as Error,
    )
  })
})
