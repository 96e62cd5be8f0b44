import { createOpenAI } from "@ai-sdk/openai"
import { generateImage } from "ai"
import OpenAI, {
  type APIError,
  BadRequestError,
  InternalServerError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitError,
  toFile,
  UnprocessableEntityError,
} from "openai"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { pixelsOf, png } from "../../../../packages/images/src/__fixtures__/images.ts"
import { openWorld, type World } from "./__fixtures__/gateway.ts"
import { callsFor, nova, small, smallMicroUsd } from "./__fixtures__/send-request.ts"

const busy = "stability.sd3-5-large-v1:0"

let world: World
let client: OpenAI
beforeAll(async () => {
  world = await openWorld({
    router: { retries: 0 },
    faults: [{ kind: "throttle", model: busy, times: 1, retryAfterSeconds: 1 }],
  })
  client = new OpenAI({ baseURL: `${world.url}/v1`, apiKey: "any", maxRetries: 0 })
})
afterAll(() => world.close())

// The package marks the field as legacy of retired models; these are other models.
const inline = { response_format: "b64_json" } as const
const linked = { response_format: "url" } as const

interface Drawn {
  readonly data?: readonly { readonly b64_json?: string; readonly url?: string }[]
}

const bytesOf = ({ data = [] }: Drawn): readonly Buffer<ArrayBuffer>[] =>
  data.map(({ b64_json = "" }) => Buffer.from(b64_json, "base64"))

/** The size in a PNG's header. */
const sizeOf = (picture: Buffer | undefined): string =>
  `${picture?.readUInt32BE(16)}x${picture?.readUInt32BE(20)}`

/** The left half is transparent. */
const half = () =>
  png(
    320,
    Array.from({ length: 320 * 320 }, (_, at) => [0, 0, 0, at % 320 < 160 ? 0 : 255]),
  )

const white = () =>
  png(
    320,
    Array.from({ length: 320 * 320 }, () => [255, 255, 255]),
  )

const bodyFor = (word: string): Readonly<Record<string, unknown>> | undefined => {
  const found = world.emulator.requests.findLast(({ body }) => JSON.stringify(body).includes(word))
  return found?.body as Readonly<Record<string, unknown>> | undefined
}

describe("the openai package generates", () => {
  it("more images than one call returns, at their price", async () => {
    const { data, response } = await client.images
      .generate({ ...small, prompt: "seven-", n: 7, ...inline })
      .withResponse()
    expect(bytesOf(data).map(sizeOf)).toEqual(Array.from({ length: 7 }, () => "320x320"))
    expect([
      callsFor(world.emulator, "seven-"),
      Number(response.headers.get("x-pictor-cost-usd")),
    ]).toEqual([2, (7 * smallMicroUsd) / 1e6])
    expect(response.headers.get("x-pictor-changes")).toBe("n=split")
  })

  it("at OpenAI's defaults in the model's default size", async () => {
    const defaults = {
      n: 1,
      quality: "auto",
      background: "auto",
      moderation: "auto",
      output_format: "png",
      output_compression: 100,
      stream: false,
    } as const
    const { data, response } = await client.images
      .generate({
        model: nova,
        prompt: "auto-",
        size: "auto",
        ...defaults,
        safety_identifier: "ann",
      })
      .withResponse()
    expect([sizeOf(bytesOf(data)[0]), data.size, response.headers.get("x-pictor-changes")]).toEqual(
      ["1024x1024", "1024x1024", null],
    )
  })

  it("a link that opens without a key while it is valid", async () => {
    const { data } = await client.images.generate({ ...small, prompt: "linked-", n: 2, ...linked })
    const urls = data?.map(({ url = "" }) => url) ?? []
    expect(new Set(urls).size).toBe(2)
    for (const url of urls) {
      const image = await fetch(url)
      expect([
        image.status,
        image.headers.get("content-type"),
        sizeOf(Buffer.from(await image.arrayBuffer())),
      ]).toEqual([200, "image/png", "320x320"])
      expect((await fetch(url.replace(/expires=\d/, "expires=9"))).status).toBe(403)
    }
  })

  it("as a stream with an event per image", async () => {
    const events = []
    for await (const event of await client.images.generate({
      ...small,
      prompt: "tea",
      n: 2,
      stream: true,
      partial_images: 0,
    }))
      events.push(event)
    expect(events.map(({ type }) => type)).toEqual([
      "image_generation.completed",
      "image_generation.completed",
    ])
    expect(events.map(({ b64_json }) => sizeOf(Buffer.from(b64_json, "base64")))).toEqual([
      "320x320",
      "320x320",
    ])
  })

  it("with model options in Python's extra_body", async () => {
    const extra = {
      taskType: "COLOR_GUIDED_GENERATION",
      colorGuidedGenerationParams: { colors: ["#FF0000"] },
      seed: 0,
      cfg_scale: 9,
    }
    await client.images.generate({ ...small, prompt: "colours-", ...extra })
    expect(bodyFor("colours-")).toMatchObject({
      colorGuidedGenerationParams: { colors: ["#FF0000"] },
      imageGenerationConfig: { seed: 0, cfgScale: 9 },
    })
  })
})

describe("the openai package edits", () => {
  it("a file", async () => {
    const image = await toFile(await white(), "in.png", { type: "image/png" })
    const answer = await client.images.edit({ model: nova, prompt: "edit-", image, n: 2 })
    expect(answer.data).toHaveLength(2)
    expect(bodyFor("edit-")?.["taskType"]).toBe("IMAGE_VARIATION")
  })

  it("only the transparent area of its mask", async () => {
    const picture = await white()
    const image = await toFile(picture, "in.png", { type: "image/png" })
    const mask = await toFile(await half(), "mask.png", { type: "image/png" })
    const [edited] = bytesOf(
      await client.images.edit({ model: nova, prompt: "masked-", image, mask }),
    )
    expect(bodyFor("masked-")?.["taskType"]).toBe("INPAINTING")
    const pixels = await pixelsOf(edited ?? new Uint8Array())
    const whites = (left: boolean): number =>
      pixels.filter((pixel, at) => at % 320 < 160 === left && pixel.every((value) => value === 255))
        .length
    expect([whites(false), whites(true)]).toEqual([
      160 * 320,
      expect.toSatisfy((count: number) => count < 10_000),
    ])
  })

  it("as a stream", async () => {
    const image = await toFile(await white(), "in.png", { type: "image/png" })
    const types: string[] = []
    for await (const event of await client.images.edit({
      model: nova,
      prompt: "tea",
      image,
      stream: true,
    }))
      types.push(event.type)
    expect(types).toEqual(["image_edit.completed"])
  })

  it("images in a JSON body", async () => {
    const image_url = `data:image/png;base64,${Buffer.from(await white()).toString("base64")}`
    const body = { model: nova, prompt: "json-", images: [{ image_url }], n: 1 }
    const answer = await client.post<Drawn>("/images/edits", { body })
    expect([answer.data?.length, bodyFor("json-")?.["taskType"]]).toEqual([1, "IMAGE_VARIATION"])
  })
})

describe("the openai package fails", () => {
  const failed = async (work: Promise<unknown>): Promise<APIError> => {
    const thrown: unknown = await work.catch((error: unknown) => error)
    if (thrown instanceof OpenAI.APIError) return thrown
    throw new Error("It did not fail.")
  }
  const draw = (prompt: string, more: object = {}) =>
    failed(client.images.generate({ ...small, prompt, ...more }))

  it.each([
    ["quota", RateLimitError, 429, "quota_exceeded"],
    ["throttle", RateLimitError, 429, "rate_limit_exceeded"],
    ["filtered-input", BadRequestError, 400, "moderation_blocked"],
    ["filtered-output", BadRequestError, 400, "moderation_blocked"],
    ["retired", NotFoundError, 404, "model_retired"],
    ["no-access", InternalServerError, 502, "provider_forbidden"],
    ["unavailable", InternalServerError, 503, "unavailable"],
    ["model-error", InternalServerError, 502, "provider_failed"],
  ])("with the provider's %s", async (fault, kind, status, code) => {
    const error = await draw(`[[fault:${fault}]]`)
    expect(error).toBeInstanceOf(kind)
    expect(error).toMatchObject({ status, code, requestID: error.headers?.get("x-request-id") })
  })

  it("with all issues of a request at once", async () => {
    const error = await draw("tea", { n: 0, size: "big", background: "transparent" })
    expect(error).toBeInstanceOf(BadRequestError)
    expect(
      (error.error as { readonly issues: readonly { readonly param: string }[] }).issues
        .map(({ param }) => param)
        .toSorted(),
    ).toEqual(["background", "n", "size"])
  })

  it("for an unknown model and suggests similar names", async () => {
    const error = await draw("tea", { model: "amazon.nova-canvas-v1" })
    expect(error).toBeInstanceOf(NotFoundError)
    expect([error.code, error.message]).toEqual(["model_not_found", expect.stringContaining(nova)])
  })

  it("for a different request under one Idempotency-Key; the same one gets its images", async () => {
    const ask = (prompt: string) =>
      client.images.generate({ ...small, prompt }, { headers: { "Idempotency-Key": "one" } })
    const [first, again] = [await ask("once-"), await ask("once-")]
    expect([again.data, callsFor(world.emulator, "once-")]).toEqual([first.data, 1])
    const error = await failed(ask("other-"))
    expect(error).toBeInstanceOf(UnprocessableEntityError)
    expect([error.code, callsFor(world.emulator, "other-")]).toEqual(["idempotency_mismatch", 0])
  })

  it("not if the second try succeeds, after Retry-After", async () => {
    const patient = new OpenAI({ baseURL: `${world.url}/v1`, apiKey: "any", maxRetries: 2 })
    const startedMs = performance.now()
    const { data } = await patient.images.generate({ model: busy, prompt: "again-" })
    expect([data?.length, callsFor(world.emulator, "again-")]).toEqual([1, 2])
    expect(performance.now() - startedMs).toBeGreaterThan(990)
  })

  it("for a request of another site's page", async () => {
    const error = await failed(
      client.images.generate(
        { ...small, prompt: "tea" },
        { headers: { origin: "https://elsewhere.example" } },
      ),
    )
    expect(error).toBeInstanceOf(PermissionDeniedError)
  })
})

describe("the AI SDK", () => {
  it("generates through its OpenAI provider", async () => {
    const openai = createOpenAI({ baseURL: `${world.url}/v1`, apiKey: "any" })
    const { images, warnings } = await generateImage({
      model: openai.image(nova),
      prompt: "sdk-",
      n: 2,
      size: "320x320",
    })
    expect(images.map(({ uint8Array }) => sizeOf(Buffer.from(uint8Array)))).toEqual([
      "320x320",
      "320x320",
    ])
    expect(warnings).toEqual([])
  })
})
