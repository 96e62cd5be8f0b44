import { isJsonObject, type JsonObject, textAt, textsAt } from "@pictor/emulator-kit"
import sharp from "sharp"
import { describe, expect, test } from "vitest"
import { encoded, rawOf } from "./__fixtures__/images.ts"
import { type BackendOptions, createBackend, type RecordedRequest } from "./backend.ts"

type Reply = {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly json: JsonObject
}

const ask = (
  options: BackendOptions = {},
): ((modelId: string, body: unknown, fault?: string) => Promise<Reply>) => {
  const backend = createBackend(options)
  return async (modelId, body, fault) => {
    const headers = {
      authorization: "Bearer emulated",
      ...(fault === undefined ? {} : { "x-emulator-fault": fault }),
    }
    const bytes = Buffer.from(typeof body === "string" ? body : JSON.stringify(body))
    const { answer } = await backend({ modelId, streaming: false, headers, body: bytes })
    const json: unknown = JSON.parse(new TextDecoder().decode(answer.body))
    return { status: answer.status, headers: answer.headers, json: isJsonObject(json) ? json : {} }
  }
}

const sdxl = "stability.stable-diffusion-xl-v1"
const sd35 = "stability.sd3-5-large-v1:0"
const titan = "amazon.titan-image-generator-v2:0"
const nova = "amazon.nova-canvas-v1:0"

const sdxlBody = { text_prompts: [{ text: "tea" }], width: 640, height: 1536, seed: 5 }
const titanBody = {
  taskType: "TEXT_IMAGE",
  textToImageParams: { text: "tea" },
  imageGenerationConfig: { width: 320, height: 704, numberOfImages: 3 },
}

const anyText: unknown = expect.any(String)

const anyNumber: unknown = expect.any(Number)

const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern)

const sizeOf = async (base64 = ""): Promise<string> => {
  const { format, width, height } = await sharp(Buffer.from(base64, "base64")).metadata()
  return `${format} ${width}x${height}`
}

/** The seeds that a model reports which was given none, twice. */
const seeds = async (seed: number): Promise<readonly string[]> => {
  const send = ask({ seed })
  const replies = [
    await send(sd35, { prompt: "tea", seed: 0 }),
    await send(sd35, { prompt: "tea" }),
  ]
  return replies.map(({ json }) => JSON.stringify(json["seeds"]))
}

describe("a model's reply", () => {
  test("of SDXL has one artifact with its seed", async () => {
    const { json, headers } = await ask()(sdxl, sdxlBody)
    expect(json).toEqual({
      result: "success",
      artifacts: [{ seed: 5, base64: anyText, finishReason: "SUCCESS" }],
    })
    expect(headers["content-type"]).toBe("application/json")
    expect(await sizeOf(/"base64":"([^"]+)"/.exec(JSON.stringify(json))?.[1])).toBe("png 640x1536")
  })

  test("of SD3.5 has seeds, reasons and images", async () => {
    const { json } = await ask()(sd35, {
      prompt: "tea",
      seed: 9,
      aspect_ratio: "16:9",
      output_format: "webp",
    })
    expect(json).toEqual({ seeds: [9], finish_reasons: [null], images: [anyText] })
    expect(await sizeOf(textsAt(json, "images")[0])).toBe("webp 1344x768")
  })

  test("of Titan has as many different images as requested", async () => {
    const { json } = await ask()(titan, titanBody)
    expect(Object.keys(json)).toEqual(["images"])
    expect(new Set(textsAt(json, "images")).size).toBe(3)
    expect(await sizeOf(textsAt(json, "images")[2])).toBe("png 320x704")
  })

  test("to an edit has the size of its input, and the requested mask", async () => {
    const image = await encoded(rawOf(400, 336, ({ x }) => [x & 255, 90, 90]))
    const body = {
      taskType: "INPAINTING",
      inPaintingParams: { image, maskPrompt: "roof", returnMask: true },
    }
    const { json } = await ask()(titan, body)
    expect(await sizeOf(textsAt(json, "images")[0])).toBe("png 400x336")
    expect(await sizeOf(textAt(json, "maskImage"))).toBe("png 400x336")
  })

  test("reports a chosen seed if the body has none, the same for the same emulator seed", async () => {
    const first = await seeds(1)
    expect(new Set(first).size).toBe(2)
    expect(await seeds(1)).toEqual(first)
    expect(await seeds(2)).not.toEqual(first)
  })
})

describe("a rejection", () => {
  test.each([
    ["{", "Malformed input request: #: not valid JSON, please reformat your input and try again."],
    [
      "[]",
      "Malformed input request: #: expected type: JSONObject, found: JSONArray, please reformat your input and try again.",
    ],
    [
      { ...titanBody, textToImageParams: { text: "x".repeat(536) } },
      "Malformed input request: #/textToImageParams/text: expected maxLength: 512, actual: 536, please reformat your input and try again.",
    ],
    [
      { ...titanBody, a: 1, b: 2, imageGenerationConfig: { seed: -1 } },
      "Malformed input request: 3 schema violations found, please reformat your input and try again.",
    ],
    [" ".repeat(25_000_001), matching(/25000000/)],
  ])("says why", async (body, message) => {
    const { status, headers, json } = await ask()(titan, body)
    expect({ status, message: json["message"] }).toEqual({ status: 400, message })
    expect(headers["x-amzn-errortype"]).toMatch(/^ValidationException:http:/)
    expect(headers["x-amzn-requestid"]).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/,
    )
  })

  test("of an unknown fault lists the known ones", async () => {
    const { status, json } = await ask()(titan, titanBody, "trottle")
    expect(status).toBe(400)
    expect(json["message"]).toContain("throttle, not-ready")
  })
})

describe("a fault", () => {
  const blocked = /^This request has been blocked by our content filters\./

  test.each([
    [
      sdxl,
      sdxlBody,
      "filtered-output",
      {
        result: "success",
        artifacts: [{ seed: 5, base64: anyText, finishReason: "CONTENT_FILTERED" }],
      },
    ],
    [
      sdxl,
      sdxlBody,
      "artifact-error",
      { result: "success", artifacts: [{ seed: 5, base64: anyText, finishReason: "ERROR" }] },
    ],
    [
      sdxl,
      sdxlBody,
      "guardrail",
      { result: "success", artifacts: [], "amazon-bedrock-guardrailAction": "INTERVENED" },
    ],
    [sdxl, sdxlBody, "filtered-input", { message: matching(blocked) }],
    [sd35, { prompt: "tea" }, "filtered-input", { finish_reasons: ["Filter reason: prompt"] }],
    [
      sd35,
      { prompt: "tea" },
      "filtered-input-image",
      { finish_reasons: ["Filter reason: input image"] },
    ],
    [
      sd35,
      { prompt: "tea" },
      "filtered-output",
      { finish_reasons: ["Filter reason: output image"] },
    ],
    [sd35, { prompt: "tea" }, "inference-error", { finish_reasons: ["Inference error"] }],
    [
      sd35,
      { prompt: "tea" },
      "too-many-images",
      { seeds: [anyNumber, anyNumber], finish_reasons: [null, null], images: [anyText, anyText] },
    ],
    [titan, titanBody, "filtered-input", { message: matching(/AWS Responsible AI Policy/) }],
    [
      titan,
      titanBody,
      "filtered-some;k=2",
      { images: [anyText], error: matching(/^Content in the some of the generated image\(s\)/) },
    ],
    [
      titan,
      titanBody,
      "filtered-some;k=9",
      {
        images: [],
        error: matching(
          /^Content in the all of the generated image\(s\) has been blocked and has been filtered from the response/,
        ),
      },
    ],
    [titan, titanBody, "missing-images;k=2", { images: [anyText] }],
    [
      nova,
      titanBody,
      "filtered-input-image",
      {
        message:
          "This request has been blocked by our content filters. Please adjust your input image to submit a new request.",
      },
    ],
    [
      nova,
      titanBody,
      "on-demand",
      {
        message: `Invocation of model ID ${nova} with on-demand throughput isn't supported. Retry your request with the ID or ARN of an inference profile that contains this model.`,
      },
    ],
    [
      nova,
      titanBody,
      "model-error",
      { message: anyText, originalStatusCode: 500, resourceName: nova },
    ],
  ])("of %s: %j with %s", async (modelId, body, fault, expected) => {
    expect((await ask()(modelId, body, fault)).json).toEqual(expected)
  })

  test("of a rule applies to the model by its base id, and sets retry-after", async () => {
    const send = ask({
      faults: [{ kind: "overloaded", model: nova, times: 1, retryAfterSeconds: 7 }],
    })
    expect((await send(titan, titanBody)).status).toBe(200)
    const failed = await send(`us.${nova}`, titanBody)
    expect([failed.status, failed.headers["retry-after"]]).toEqual([529, "7"])
    expect((await send(nova, titanBody)).status).toBe(200)
  })

  test("without an error type has no such header", async () => {
    const { status, headers } = await ask()(nova, titanBody, "no-errortype")
    expect([status, "x-amzn-errortype" in headers]).toEqual([400, false])
  })
})

test("only the latest requests stay recorded, where their number is limited", async () => {
  const requests: RecordedRequest[] = []
  const send = ask({ requests, keepRequests: 2 })
  for (const modelId of ["one", "two", "three"]) await send(modelId, {})
  expect(requests.map(({ modelId }) => modelId)).toEqual(["two", "three"])
  const none: RecordedRequest[] = []
  await ask({ requests: none, keepRequests: 0 })("one", {})
  expect(none).toEqual([])
})
