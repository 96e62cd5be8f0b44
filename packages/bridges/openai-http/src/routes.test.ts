import { describe, expect, it } from "vitest"
import { errorOf, imagesOf } from "./__fixtures__/reading.ts"
import { file, form, studio } from "./__fixtures__/studio.ts"
import { toResponse } from "./response.ts"

const model = "acme.brush-v1:0"
const order = { model, prompt: "A lighthouse" }

describe("a route", () => {
  it.each([
    "/v1/images/generations",
    "/images/generations",
    `/openai/deployments/${model}/images/generations`,
    `/openai/deployments/${encodeURIComponent(model)}/images/generations?api-version=2025-04-01-preview`,
    `/v1/openai/deployments/${model}/images/generations`,
  ])("generates images: %s", async (path) => {
    expect((await imagesOf(await studio().json(path, order))).data).toHaveLength(1)
  })

  it.each(["/v1/images/edits", "/images/edits", `/openai/deployments/${model}/images/edits`])(
    "edits images: %s",
    async (path) => {
      const made = studio()
      await imagesOf(
        await made.send(path, { method: "POST", body: form({ ...order, image: file() }) }),
      )
      expect(made.sent()).toMatchObject({ taskType: "VARY" })
    },
  )

  it("takes the model of the path before the body", async () => {
    const { pictor } = await imagesOf(
      await studio().json("/openai/deployments/acme.ratio-v1:0/images/generations", order),
    )
    expect(pictor.model).toBe("acme.ratio-v1:0")
  })

  it.each(["/api/v1/images/generations", "/api/images/generations"])(
    "may have a base path: %s",
    async (path) => {
      expect(
        (await imagesOf(await studio({ bridge: { basePath: "/api/" } }).json(path, order))).data,
      ).toHaveLength(1)
    },
  )

  it.each([
    ["GET", "/"],
    ["POST", "/v1/images"],
    ["POST", "/v1/images/upscales"],
    ["POST", "/v1/images/generations/"],
    ["POST", "//v1/images/generations"],
    ["POST", "/v2/images/generations"],
    ["POST", "/V1/images/generations"],
    ["POST", "/openai/deployments//images/generations"],
    ["POST", "/openai/deployments/%E0%A4%A/images/generations"],
    ["GET", "/v1/models/%"],
    ["GET", "/v1/models/"],
    ["GET", "/v1/models/..%2f..%2fetc%2fpasswd"],
    ["GET", "/constructor"],
  ])("returns 404 in OpenAI's envelope when it does not exist: %s %s", async (method, path) => {
    const error = await errorOf(
      await studio().send(path, { method, ...(method === "POST" ? { body: "{}" } : {}) }),
    )
    expect(error).toMatchObject({ status: 404, type: "invalid_request_error" })
  })

  it("does not exist outside the base path", async () => {
    expect((await studio({ bridge: { basePath: "/api" } }).send("/v1/models")).status).toBe(404)
    expect((await studio({ bridge: { basePath: "/api" } }).send("/apiv1/models")).status).toBe(404)
  })

  it.each([
    ["GET", "/v1/images/generations", "POST"],
    ["PUT", "/v1/images/edits", "POST"],
    ["OPTIONS", "/v1/images/plan", "POST"],
    ["POST", "/v1/models", "GET, HEAD"],
    ["DELETE", `/v1/models/${model}`, "GET, HEAD"],
  ])("rejects other methods: %s %s", async (method, path, allow) => {
    const response = await studio().send(path, { method })
    expect(response.headers.get("allow")).toBe(allow)
    expect(await errorOf(response)).toMatchObject({ status: 405, code: "method_not_allowed" })
  })

  it.each(["/v1/models", `/v1/models/${model}`, "/openapi.json"])(
    "answers HEAD like GET, without a body: %s",
    async (path) => {
      const head = await studio().send(path, { method: "HEAD" })
      const get = await studio().send(path)
      expect([head.status, head.headers.get("content-length"), await head.text()]).toEqual([
        200,
        String((await get.arrayBuffer()).byteLength),
        "",
      ])
    },
  )
})

describe("toResponse", () => {
  const parts = [Uint8Array.of(1), Uint8Array.of(2, 3)]
  const each = async function* () {
    yield* parts
  }

  it.each([
    ["a list", parts],
    ["a stream", each()],
  ])("streams the parts of %s without a copy", async (_, given) => {
    const reader = toResponse({
      status: 201,
      headers: { "x-a": "b" },
      parts: given,
    }).body?.getReader()
    expect((await reader?.read())?.value).toBe(parts[0])
    expect((await reader?.read())?.value).toBe(parts[1])
    expect((await reader?.read())?.done).toBe(true)
  })

  it("requests no part before the reader needs it or after it cancels", async () => {
    const taken: string[] = []
    const watched = async function* () {
      try {
        for (const part of parts) {
          taken.push("part")
          yield part
        }
      } finally {
        taken.push("closed")
      }
    }
    const { body } = toResponse({ status: 200, headers: {}, parts: watched() })
    await new Promise(setImmediate)
    expect(taken).toEqual([])
    const reader = body?.getReader()
    await reader?.read()
    await reader?.cancel()
    expect(taken).toEqual(["part", "closed"])
  })

  it("fails when its parts fail", async () => {
    const broken = async function* () {
      yield Uint8Array.of(1)
      throw new Error("gone")
    }
    await expect(
      toResponse({ status: 200, headers: {}, parts: broken() }).arrayBuffer(),
    ).rejects.toThrow("gone")
  })
})
