import { at, imageHeader, numberAt, textAt } from "@pictor/emulator-kit"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import {
  ask,
  finishReason,
  newest,
  partsOf,
  picturesOf,
  prompt,
  type Reply,
  small,
  words,
} from "./__fixtures__/ask.ts"
import { difference, green, leftHalf, plain, pngPart, red } from "./__fixtures__/pictures.ts"
import { createGeminiEmulator, type GeminiEmulator } from "./emulator.ts"
import { models } from "./models.ts"
import { chargeOf } from "./reply.ts"

let emulator: GeminiEmulator

beforeAll(async () => {
  emulator = await createGeminiEmulator({ seed: 1 })
})

afterAll(() => emulator.close())

const sizeOf = (reply: Reply): string => {
  const header = imageHeader(picturesOf(reply)[0]?.toString("base64") ?? "")
  return `${header?.format} ${header?.width}x${header?.height}`
}

/** The charge of the latest call. */
const lastCharge = (): number => emulator.bill().entries.at(-1)?.microUsd ?? Number.NaN

describe("a reply", () => {
  it("has a thought picture and words before the picture", async () => {
    const { status, body } = await ask(emulator, words())
    expect(status).toBe(200)
    const parts = partsOf({ status, body })
    const kinds = parts.map((part) => [
      at(part, "thought") ?? false,
      textAt(part, "text") ?? textAt(part, "inlineData", "mimeType"),
    ])
    expect(kinds).toEqual([
      [true, "image/jpeg"],
      [false, "Here is the picture."],
      [false, "image/jpeg"],
    ])
    expect(body["modelVersion"]).toBe(newest)
    expect(body["responseId"]).toMatch(/^[0-9a-f-]{36}$/)
    expect(finishReason({ status, body })).toBe("STOP")
  })

  it("has no words if only a picture is requested, and no thoughts if they are unwanted", async () => {
    const config = { ...small, thinkingConfig: { includeThoughts: false } }
    expect(partsOf(await ask(emulator, words(config)))).toHaveLength(1)
  })

  it("has written thoughts if they are requested", async () => {
    const config = { ...small, thinkingConfig: { includeThoughts: true } }
    const parts = partsOf(await ask(emulator, words(config)))
    expect(parts.map((part) => at(part, "thought"))).toEqual([true, true, undefined])
  })

  it("has the same picture for the same seed, and another one for another", async () => {
    const bytes = async (seed: number): Promise<string> =>
      picturesOf(await ask(emulator, words({ ...small, seed })))[0]?.toString("base64") ?? ""
    const [first, second, third] = [await bytes(1), await bytes(1), await bytes(2)]
    expect(first).toBe(second)
    expect(first).not.toBe(third)
  })

  it.each([
    ["gemini-nano-banana-2.1", "16:9", "2K", "jpeg 2752x1536"],
    ["gemini-nano-banana-2.1", "1:8", "512", "jpeg 192x1536"],
    ["gemini-3-pro-image", "4:5", "4K", "jpeg 3712x4608"],
    ["gemini-3.1-flash-lite-image", "21:9", undefined, "jpeg 1584x672"],
    ["gemini-2.5-flash-image", "4:3", undefined, "jpeg 1184x864"],
  ])("of %s at %s and %s is a %s", async (model, aspectRatio, imageSize, expected) => {
    const imageConfig = { aspectRatio, ...(imageSize === undefined ? {} : { imageSize }) }
    expect(sizeOf(await ask(emulator, words({ imageConfig }), { model }))).toBe(expected)
  })

  it("is the same on v1 with an image format, in snake_case", async () => {
    const body = {
      contents: [{ parts: [{ text: prompt }] }],
      generation_config: {
        response_format: { image: { aspect_ratio: "3:2", image_size: "512" } },
      },
    }
    expect(sizeOf(await ask(emulator, body, { path: "/v1/models" }))).toBe("jpeg 632x424")
  })
})

describe("an edit", () => {
  const corner = { left: 0, top: 0, width: 40, height: 40 }

  it("changes a part of the picture, in the picture's ratio", async () => {
    const picture = await plain(640, 480, red)
    const body = { contents: [{ parts: [{ text: "Add a hut" }, pngPart(picture)] }] }
    const reply = await ask(emulator, { ...body, generationConfig: small })
    expect(sizeOf(reply)).toBe("jpeg 600x448")
    const [edited] = picturesOf(reply)
    const whole = { left: 0, top: 0, width: 600, height: 400 }
    expect(await difference(edited ?? picture, corner, red)).toBeLessThan(15)
    expect(await difference(edited ?? picture, whole, red)).toBeGreaterThan(15)
  })

  it("shows a second picture in a tile", async () => {
    const [first, second] = [await plain(512, 512, red), await plain(64, 64, green)]
    const parts = [{ text: "Combine them" }, pngPart(first), pngPart(second)]
    const reply = await ask(emulator, { contents: [{ parts }], generationConfig: small })
    expect(await difference(picturesOf(reply)[0] ?? first, corner, green)).toBeLessThan(15)
  })

  it("changes the white part of a picture that is labelled as mask", async () => {
    const [picture, mask] = [await plain(512, 512, red), await leftHalf(512, 512)]
    const parts = [{ text: "Add tea" }, pngPart(picture), { text: "Mask:" }, pngPart(mask)]
    const reply = await ask(emulator, { contents: [{ parts }], generationConfig: small })
    const edited = picturesOf(reply)[0] ?? picture
    const [left, right] = [0, 272].map((from) => ({ left: from, top: 0, width: 240, height: 400 }))
    expect(await difference(edited, left ?? corner, red)).toBeGreaterThan(60)
    expect(await difference(edited, right ?? corner, red)).toBeLessThan(15)
  })

  it("goes on from the picture of an earlier turn", async () => {
    const picture = await plain(512, 512, red)
    const contents = [
      { role: "user", parts: [{ text: "A red wall" }] },
      { role: "model", parts: [pngPart(picture)] },
      { role: "user", parts: [{ text: "Add a window" }] },
    ]
    const [edited] = picturesOf(await ask(emulator, { contents, generationConfig: small }))
    expect(await difference(edited ?? picture, corner, red)).toBeLessThan(15)
  })

  it("is rejected for a damaged picture", async () => {
    const damaged = (await plain(64, 64, red)).subarray(0, 60)
    const { status, body } = await ask(emulator, { contents: [{ parts: [pngPart(damaged)] }] })
    expect([status, textAt(body, "error", "status")]).toEqual([400, "INVALID_ARGUMENT"])
  })
})

describe("the usage", () => {
  it("counts texts, pictures and thoughts by modality", async () => {
    const picture = pngPart(await plain(64, 64, red))
    const parts = [{ text: "tea" }, picture, picture]
    const { body } = await ask(emulator, {
      contents: [{ parts }],
      systemInstruction: { parts: [{ text: "Watercolours." }] },
      generationConfig: { imageConfig: { imageSize: "512", aspectRatio: "1:1" } },
    })
    expect(body["usageMetadata"]).toEqual({
      promptTokenCount: 2245,
      candidatesTokenCount: 752,
      totalTokenCount: 3237,
      promptTokensDetails: [
        { modality: "TEXT", tokenCount: 5 },
        { modality: "IMAGE", tokenCount: 2240 },
      ],
      candidatesTokensDetails: [
        { modality: "TEXT", tokenCount: 5 },
        { modality: "IMAGE", tokenCount: 747 },
      ],
      thoughtsTokenCount: 240,
    })
    // (2,245 × $1.50 + (240 + 5) × $7.50 + 747 × $30) per million
    expect(lastCharge()).toBe(27_615)
  })

  it.each([
    ["gemini-nano-banana-2.1", "1K", 1120],
    ["gemini-nano-banana-2.1", "2K", 1680],
    ["gemini-nano-banana-2.1", "4K", 3780],
    ["gemini-3-pro-image", "2K", 1120],
    ["gemini-3.1-flash-image", "4K", 2520],
    ["gemini-2.5-flash-image", undefined, 1290],
  ])("of %s at %s is %i image tokens", async (model, imageSize, tokens) => {
    const imageConfig = imageSize === undefined ? {} : { imageSize }
    const config = { responseModalities: ["IMAGE"], imageConfig }
    const { body } = await ask(emulator, words(config), { model })
    expect(numberAt(body, "usageMetadata", "candidatesTokenCount")).toBe(tokens)
  })

  it("has more thoughts at a higher level, and no more than the budget", async () => {
    const thoughts = async (thinkingConfig: object): Promise<unknown> => {
      const { body } = await ask(emulator, words({ ...small, thinkingConfig }))
      return at(body, "usageMetadata", "thoughtsTokenCount")
    }
    expect(await thoughts({ thinkingLevel: "minimal" })).toBe(48)
    expect(await thoughts({ thinkingLevel: "HIGH" })).toBe(960)
    expect(await thoughts({ thinkingBudget: 100 })).toBe(100)
  })

  it.each([
    [newest, words({ ...small, maxOutputTokens: 500 })],
    [
      newest,
      words({ imageConfig: { aspectRatio: "2:3" }, thinkingConfig: { thinkingLevel: "HIGH" } }),
    ],
    ["gemini-2.5-flash-image", words()],
  ])("of %s is known before the call: %j", async (model, body) => {
    await ask(emulator, body, { model })
    expect(chargeOf(model, body)).toBe(lastCharge())
  })

  it("of a rejected body is unknown", () => {
    expect(chargeOf(newest, {})).toBeUndefined()
    expect(chargeOf("imagen-4", words())).toBeUndefined()
  })

  it("adds up to the bill", () => {
    const { microUsd, entries } = emulator.bill()
    expect(microUsd).toBe(entries.reduce((sum, entry) => sum + entry.microUsd, 0))
    expect(entries.length).toBeGreaterThan(10)
  })
})

describe("a limit of output tokens", () => {
  it.each([
    [200, 0, 200, undefined],
    [243, 1, 240, 3],
    [1000, 1, 240, 760],
    [1364, 1, 240, 1124],
    [1365, 3, 240, 1125],
  ])("of %i leaves %i parts", async (maxOutputTokens, parts, thoughts, candidates) => {
    const reply = await ask(emulator, words({ maxOutputTokens }))
    expect(partsOf(reply)).toHaveLength(parts)
    expect(finishReason(reply)).toBe(parts === 3 ? "STOP" : "MAX_TOKENS")
    const usage = reply.body["usageMetadata"]
    expect(at(usage, "thoughtsTokenCount")).toBe(thoughts)
    expect(at(usage, "candidatesTokenCount")).toBe(candidates)
  })
})

describe("the host", () => {
  const keyed = { "x-goog-api-key": "any" }

  it("lists its models", async () => {
    const reply = await fetch(`${emulator.url}/v1beta/models?key=any`)
    const body = await reply.json()
    expect(at(body, "models")).toHaveLength(models.length)
    const one = await fetch(`${emulator.url}/v1beta/models/${newest}`, { headers: keyed })
    expect(await one.json()).toMatchObject({ name: `models/${newest}`, outputTokenLimit: 32_768 })
  })

  it.each(["/v1beta/models", "/v1beta/models/gemini-3-pro-image"])(
    "wants a key for %s",
    async (path) => {
      expect((await fetch(`${emulator.url}${path}`)).status).toBe(403)
    },
  )

  it("wants a key for a call", async () => {
    const { status, body } = await ask(emulator, words(), { headers: {} })
    expect([status, textAt(body, "error", "status")]).toEqual([403, "PERMISSION_DENIED"])
  })

  it("knows no other model", async () => {
    const { status, body } = await ask(emulator, words(), { model: "imagen-4", path: "/v1/models" })
    expect(status).toBe(404)
    expect(textAt(body, "error", "message")).toContain(
      "models/imagen-4 is not found for API version v1,",
    )
  })

  it("answers a wrong path with a page", async () => {
    const reply = await fetch(`${emulator.url}/v2/models/${newest}:generateContent`, {
      method: "POST",
      headers: keyed,
    })
    expect([reply.status, reply.headers.get("content-type")]).toEqual([
      404,
      "text/html; charset=UTF-8",
    ])
  })

  it("answers what is no JSON", async () => {
    const reply = await fetch(`${emulator.url}/v1beta/models/${newest}:generateContent`, {
      method: "POST",
      headers: keyed,
      body: "{",
    })
    expect([reply.status, at(await reply.json(), "error", "status")]).toEqual([
      400,
      "INVALID_ARGUMENT",
    ])
  })

  it("records requests, as many as it is told to", async () => {
    const own = await createGeminiEmulator({ keepRequests: 1 })
    await ask(own, words(small, "one"))
    await ask(own, words(small, "two"))
    expect(own.requests).toHaveLength(1)
    expect(own.requests[0]).toMatchObject({
      modelId: newest,
      path: `/v1beta/models/${newest}:generateContent`,
      body: words(small, "two"),
    })
    expect(own.bill().entries).toHaveLength(1)
    expect(own.bill().microUsd).toBe(2 * (own.bill().entries[0]?.microUsd ?? 0))
    await own.close()
  })

  it("rejects an option that it does not have", async () => {
    const misspelt: object = { latency: 5 }
    await expect(createGeminiEmulator(misspelt)).rejects.toThrow(
      'createGeminiEmulator has no option "latency". It has faults, latencyMs, seed, requests, keepRequests, clock, port.',
    )
  })
})

describe("Vertex AI", () => {
  const path = "/v1/projects/tea/locations/us-central1/publishers/google/models"
  const bearer = { authorization: "Bearer any" }

  it("serves the same models, with its own fields", async () => {
    const own = await createGeminiEmulator({ clock: { now: () => 0 } })
    const config = { imageConfig: { imageOutputOptions: { mimeType: "image/png" } } }
    const reply = await ask(own, words(config), { path, headers: bearer })
    expect(sizeOf(reply)).toBe("png 1024x1024")
    expect(reply.body["createTime"]).toBe("1970-01-01T00:00:00.000Z")
    expect(at(reply.body, "usageMetadata", "trafficType")).toBe("ON_DEMAND")
    await own.close()
  })

  it("wants a token, but in express mode a key", async () => {
    const { status, body } = await ask(emulator, words(), { path })
    expect([status, textAt(body, "error", "status")]).toEqual([401, "UNAUTHENTICATED"])
    const express = await ask(emulator, words(small), { path: "/v1beta1/publishers/google/models" })
    expect(express.status).toBe(200)
  })
})
