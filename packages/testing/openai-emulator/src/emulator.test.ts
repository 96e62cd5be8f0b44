import { once } from "node:events"
import { type IncomingMessage, request } from "node:http"
import { manualClock } from "@pictor/emulator-kit"
import sharp from "sharp"
import { describe, expect, it } from "vitest"
import { post, small, start } from "./__fixtures__/emulator.ts"
import { dataUrl, decoded, mask, photo, pixelAt, pngOf } from "./__fixtures__/images.ts"
import { createOpenAiEmulator } from "./emulator.ts"

const bytesOf = (base64: string): Buffer => Buffer.from(base64, "base64")

describe("createOpenAiEmulator", () => {
  it("rejects an unknown option", async () => {
    await expect(createOpenAiEmulator({ prot: 1 } as object)).rejects.toThrow('no option "prot"')
  })

  it("answers an unknown URL in OpenAI's envelope", async () => {
    const { status, json } = await post(await start(), small, { path: "/v1/images/variations" })
    expect([status, json.error.code]).toEqual([404, "unknown_url"])
  })

  it("requires a key, before it reads the body", async () => {
    const emulator = await start()
    const reply = await post(emulator, small, { headers: { authorization: "" } })
    expect([reply.status, emulator.requests.length]).toEqual([401, 0])
  })

  it("accepts only the configured key", async () => {
    const emulator = await start({ apiKey: "right" })
    const wrong = await post(emulator, small)
    const right = await post(emulator, small, { headers: { authorization: "Bearer right" } })
    expect([wrong.status, wrong.json.error.code, right.status]).toEqual([
      401,
      "invalid_api_key",
      200,
    ])
  })

  it("answers a violation with its parameter and code", async () => {
    const { status, json, headers } = await post(await start(), { ...small, style: "vivid" })
    expect(status).toBe(400)
    expect(headers.get("x-request-id")).toMatch(/^req_[0-9a-f]{32}$/)
    expect(json.error).toEqual({
      message: "Unknown parameter: 'style'.",
      type: "invalid_request_error",
      param: "style",
      code: "unknown_parameter",
    })
  })

  it.each(["input", "output", "unknown"])("reports the stage of moderation: %s", async (stage) => {
    const prompt = `A garden [[fault:moderation-${stage}]]`
    const { status, json } = await post(await start(), { ...small, prompt })
    expect(status).toBe(400)
    expect(json.error).toMatchObject({
      type: "image_generation_user_error",
      code: "moderation_blocked",
      moderation_details: { moderation_stage: stage, categories: ["violence"] },
    })
  })

  it("gives the same picture for the same prompt and seed", async () => {
    const replies = await Promise.all(
      [1, 1, 2].map(async (seed) => post(await start({ seed }), small)),
    )
    const [first, second, third] = replies.map(({ json }) => json.data[0]?.b64_json ?? "")
    expect(first).toBe(second)
    expect(first).not.toBe(third)
  })

  it("limits requests per minute", async () => {
    const clock = manualClock(1_000_000)
    const emulator = await start({ clock, requestsPerMinute: 1 })
    const first = await post(emulator, small)
    clock.advance(15_000)
    const second = await post(emulator, small)
    clock.advance(45_000)
    const third = await post(emulator, small)
    expect([first.status, second.status, third.status]).toEqual([200, 429, 200])
    expect(first.headers.get("x-ratelimit-remaining-requests")).toBe("0")
    expect(second.headers.get("retry-after")).toBe("45")
    expect(first.json.created).toBe(1000)
  })

  it("bills a repeated input as cached", async () => {
    const emulator = await start({ cache: true })
    await post(emulator, small)
    const { json } = await post(emulator, small)
    expect(json.usage.input_tokens_details).toMatchObject({ text_tokens: 3, cached_tokens: 3 })
    expect(emulator.bill.map(({ microUsd }) => microUsd)).toEqual([5895, 5884])
  })

  it("keeps as many requests as are asked for", async () => {
    const emulator = await start({ keepRequests: 1 })
    await post(emulator, small)
    await post(emulator, { ...small, prompt: "Last" })
    expect(emulator.requests).toMatchObject([{ body: { prompt: "Last" } }])
  })

  it("shows its bill over HTTP", async () => {
    const emulator = await start()
    await post(emulator, small)
    const reply = await fetch(`${emulator.url}/emulator/bill`)
    expect(await reply.json()).toEqual({ bill: emulator.bill })
  })

  it("answers an animated gif", async () => {
    const emulator = await start({ access: ["gif"] })
    const gif = {
      model: "gpt-image-2",
      output_format: "gif",
      frame_count: 3,
      frame_duration_ms: 94,
    }
    const { json } = await post(emulator, { ...small, ...gif })
    const metadata = await sharp(bytesOf(json.data[0]?.b64_json ?? ""), {
      animated: true,
    }).metadata()
    expect(metadata).toMatchObject({ format: "gif", pages: 3, delay: [90, 90, 90] })
  })

  it("answers an svg with the usage of its author", async () => {
    const emulator = await start({ access: ["svg"] })
    const svg = { output_format: "svg", svg: { model: "gpt-6" } }
    const { json } = await post(emulator, { ...small, ...svg })
    const metadata = await sharp(bytesOf(json.data[0]?.b64_json ?? "")).metadata()
    expect(metadata).toMatchObject({ format: "svg", width: 1024, height: 1024 })
    expect(json.svg_usage).toMatchObject({ model: "gpt-6", output_tokens: 900 })
  })

  it("follows a markup", async () => {
    const body = {
      ...small,
      model: "gpt-image-2.5-flare",
      images: [{ image_url: dataUrl(photo) }],
      markup: { image_url: dataUrl(mask) },
    }
    const { json } = await post(await start(), body, { path: "/v1/images/edits" })
    const [before, after] = [
      await decoded(photo.toString("base64")),
      await decoded(json.data[0]?.b64_json ?? ""),
    ]
    expect(pixelAt(after, 500, 500)).toEqual(pixelAt(before, 500, 500))
    expect(pixelAt(after, 20, 20)).not.toEqual(pixelAt(before, 20, 20))
  })

  it.each([
    ["gpt-image-1", "has been deprecated"],
    ["gpt-image-9", "does not exist"],
  ])("says of %s that it %s", async (model, words) => {
    const { status, json } = await post(await start(), { ...small, model })
    expect(status).toBe(404)
    expect(json.error).toMatchObject({
      code: "model_not_found",
      param: "model",
      message: expect.stringContaining(words),
    })
  })

  it("lets every reference change the picture", async () => {
    const emulator = await start()
    const colors = [
      [200, 20, 20, 255],
      [20, 200, 20, 255],
    ] as const
    const pictures = await Promise.all(
      colors.map(async (color) => {
        const last = await pngOf(64, 64, () => color)
        const images = [photo, photo, last].map((bytes) => ({ image_url: dataUrl(bytes) }))
        const body = { ...small, images, mask: { image_url: dataUrl(mask) } }
        return (await post(emulator, body, { path: "/v1/images/edits" })).json.data[0]?.b64_json
      }),
    )
    expect(pictures[0]).toBeDefined()
    expect(pictures[0]).not.toBe(pictures[1])
  })

  it.each([
    ["opaque", "opaque", 255],
    ["auto", "opaque", 255],
    ["transparent", "transparent", 0],
  ])("makes the background of an edit %s", async (background, resolved, alpha) => {
    const glass = await pngOf(1024, 1024, (x) => (x < 512 ? [9, 9, 9, 128] : [200, 90, 9, 255]))
    const body = { ...small, images: [{ image_url: dataUrl(glass) }], background }
    const { json } = await post(await start(), body, { path: "/v1/images/edits" })
    expect(json.background).toBe(resolved)
    expect(pixelAt(await decoded(json.data[0]?.b64_json ?? ""), 0, 0)[3]).toBe(alpha)
  })

  it.each([
    [{ user: "b" }, "b"],
    [{ user: "b", safety_identifier: "" }, "b"],
    [{ user: "b", safety_identifier: "a" }, "a"],
    [{}, null],
  ])("answers the safety identifier of %j", async (fields, identifier) => {
    const { json } = await post(await start(), { ...small, ...fields })
    expect(json.safety_identifier).toBe(identifier)
  })

  it("rejects a body that is too large before it is sent", async () => {
    const { url } = await start()
    const sent = request(`${url}/v1/images/edits`, {
      method: "POST",
      headers: { authorization: "Bearer any", "content-length": "200000001" },
    })
    sent.flushHeaders()
    const [reply] = (await once(sent, "response")) as readonly IncomingMessage[]
    expect(reply?.statusCode).toBe(413)
    sent.on("error", () => {}).destroy()
  })

  it("counts more input tokens at high fidelity", async () => {
    const body = { ...small, model: "gpt-image-1.5", images: [{ image_url: dataUrl(photo) }] }
    const emulator = await start()
    const path = "/v1/images/edits"
    const [low, high] = [
      await post(emulator, body, { path }),
      await post(emulator, { ...body, input_fidelity: "high" }, { path }),
    ].map(({ json }) => json.usage.input_tokens_details)
    expect([low, high]).toEqual([
      { text_tokens: 3, image_tokens: 1024 },
      { text_tokens: 3, image_tokens: 5184 },
    ])
  })

  it("requires JSON to be sent as such", async () => {
    const headers = { "content-type": "text/plain" }
    const { status, json } = await post(await start(), small, { headers })
    expect([status, json.error.code]).toEqual([400, "invalid_json"])
  })

  it("reports a damaged picture", async () => {
    const images = [{ image_url: dataUrl(photo.subarray(0, 400)) }]
    const { status, json } = await post(
      await start(),
      { ...small, images },
      { path: "/v1/images/edits" },
    )
    expect([status, json.error.code]).toEqual([400, "invalid_image_file"])
  })

  it("chooses a size of the prompt's shape for auto", async () => {
    const { json } = await post(await start(), { ...small, size: "auto", prompt: "A wide bay" })
    expect(json.size).toBe("1536x1024")
  })
})

describe("Azure's URLs", () => {
  const path = "/openai/v1/images/generations"

  it("take a deployment as the model and the header api-key", async () => {
    const emulator = await start({ deployments: { drawings: "gpt-image-2" } })
    const headers = { authorization: "", "api-key": "any" }
    const reply = await post(emulator, { ...small, model: "drawings" }, { path, headers })
    expect([reply.status, emulator.bill[0]?.model]).toEqual([200, "gpt-image-2"])
  })

  it("need a version beside a deployment", async () => {
    const reply = await post(await start(), small, {
      path: "/openai/deployments/gpt-image-2/images/generations",
    })
    expect(reply.status).toBe(404)
  })

  it("do not make api-key valid elsewhere", async () => {
    const reply = await post(await start(), small, {
      headers: { authorization: "", "api-key": "any" },
    })
    expect(reply.status).toBe(401)
  })
})

describe("xAI's models", () => {
  const grok = { model: "grok-imagine-image-2.0", prompt: "A tea garden" }

  it("answer URLs that expire and take no key", async () => {
    const clock = manualClock()
    const emulator = await start({ clock, urlLifetimeMs: 1000 })
    const { json } = await post(emulator, grok)
    const url = json.data[0]?.url ?? ""
    const picture = await fetch(url)
    expect(await sharp(await picture.arrayBuffer()).metadata()).toMatchObject({
      format: "jpeg",
      width: 1024,
    })
    const withKey = await fetch(url, { headers: { authorization: "Bearer any" } })
    clock.advance(1000)
    expect([withKey.status, (await fetch(url)).status]).toEqual([400, 410])
  })

  it("bill each picture and each input, and report the cost", async () => {
    const emulator = await start()
    const image = { url: dataUrl(photo), type: "image_url" }
    const body = { ...grok, n: 2, resolution: "2k", aspect_ratio: "16:9", image }
    const { json } = await post(
      emulator,
      { ...body, response_format: "b64_json" },
      { path: "/v1/images/edits" },
    )
    const { width, height } = await decoded(json.data[1]?.b64_json ?? "")
    expect([width, height]).toEqual([2736, 1536])
    expect(json.usage.cost_in_usd_ticks).toBe(1_700_000_000)
    expect(emulator.bill).toMatchObject([{ images: 2, microUsd: 170_000 }])
  })

  it("take up to five pictures, each billed", async () => {
    const emulator = await start()
    const image = { url: dataUrl(photo) }
    const path = "/v1/images/edits"
    const five = [image, image, image, image, image]
    await post(emulator, { ...grok, images: five }, { path })
    const six = await post(emulator, { ...grok, images: [...five, image] }, { path })
    expect(six.status).toBe(400)
    expect(emulator.bill.map(({ microUsd }) => microUsd)).toEqual([110_000])
  })

  it("mark a moderated picture", async () => {
    const headers = { "x-emulator-fault": "moderation-output" }
    const { status, json } = await post(await start(), grok, { headers })
    expect([status, json.data]).toEqual([200, [{ respect_moderation: false }]])
  })

  it.each([
    [{ size: "1024x1024" }, "/v1/images/generations"],
    [{ aspect_ratio: "5:4" }, "/v1/images/generations"],
    [{ mask: { url: "data:image/png;base64,AA==" } }, "/v1/images/edits"],
    [{}, "/v1/images/edits"],
  ])("reject %j in their own envelope", async (fields, path) => {
    const { status, json } = await post(await start(), { ...grok, ...fields }, { path })
    expect([status, typeof json.error]).toEqual([400, "string"])
  })
})
