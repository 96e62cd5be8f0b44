import { describe, expect, it } from "vitest"
import { errorOf, imagesOf } from "./__fixtures__/reading.ts"
import { file, form, studio } from "./__fixtures__/studio.ts"
import { toResponse } from "./response.ts"

const model = "acme.brush-v1:0"
const order = { model, prompt: "A lighthouse" }

describe("a path", () => {
  it.each([
    "/v1/images/generations",
    "/images/generations",
    `/openai/deployments/${model}/images/generations`,
    `/openai/deployments/${encodeURIComponent(model)}/images/generations?api-version=2025-04-01-preview`,
    `/v1/openai/deployments/${model}/images/generations`,
  ])("makes images: %s", async (path) => {
    expect((await imagesOf(await studio().json(path, order))).data).toHaveLength(1)
  })

  it.each(["/v1/images/edits", "/images/edits", `/openai/deployments/${model}/images/edits`])(
    "changes images: %s",
    async (path) => {
      const made = studio()
      await imagesOf(
        await made.send(path, { method: "POST", body: form({ ...order, image: file() }) }),
      )
      expect(made.sent()).toMatchObject({ taskType: "VARY" })
    },
  )

  it("names the model before the body does", async () => {
    const { pictor } = await imagesOf(
      await studio().json("/openai/deployments/acme.ratio-v1:0/images/generations", order),
    )
    expect(pictor.model).toBe("acme.ratio-v1:0")
  })

  it.each(["/api/v1/images/generations", "/api/images/generations"])(
    "may begin elsewhere: %s",
    async (path) => {
      expect(
        (await imagesOf(await studio({ bridge: { basePath: "/api/" } }).json(path, order))).data,
      ).toHaveLength(1)
    },
  )

  it.each([
    ["GET", "/"],
    ["POST", "/v1/images"],
    ["POST", "/v1/images/variations"],
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
  ])("that is none is a 404 in OpenAI's envelope: %s %s", async (method, path) => {
    const error = await errorOf(
      await studio().send(path, { method, ...(method === "POST" ? { body: "{}" } : {}) }),
    )
    expect(error).toMatchObject({ status: 404, type: "invalid_request_error" })
  })

  it("elsewhere is none at the root", async () => {
    expect((await studio({ bridge: { basePath: "/api" } }).send("/v1/models")).status).toBe(404)
    expect((await studio({ bridge: { basePath: "/api" } }).send("/apiv1/models")).status).toBe(404)
  })

  it.each([
    ["GET", "/v1/images/generations", "POST"],
    ["PUT", "/v1/images/edits", "POST"],
    ["OPTIONS", "/v1/images/plan", "POST"],
    ["POST", "/v1/models", "GET, HEAD"],
    ["DELETE", `/v1/models/${model}`, "GET, HEAD"],
  ])("takes its own methods: %s %s", async (method, path, allow) => {
    const response = await studio().send(path, { method })
    expect(response.headers.get("allow")).toBe(allow)
    expect(await errorOf(response)).toMatchObject({ status: 405, code: "method_not_allowed" })
  })

  it.each(["/v1/models", `/v1/models/${model}`, "/openapi.json"])(
    "answers HEAD as GET, without a body: %s",
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

describe("an answer as a Response", () => {
  const parts = [Uint8Array.of(1), Uint8Array.of(2, 3)]
  const each = async function* () {
    yield* parts
  }

  it.each([
    ["a list", parts],
    ["a stream", each()],
  ])("streams the parts of %s as they are", async (_, given) => {
    const reader = toResponse({
      status: 201,
      headers: { "x-a": "b" },
      parts: given,
    }).body?.getReader()
    expect((await reader?.read())?.value).toBe(parts[0])
    expect((await reader?.read())?.value).toBe(parts[1])
    expect((await reader?.read())?.done).toBe(true)
  })

  it("takes nothing ahead of its reader, and nothing after it has gone", async () => {
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

  it("fails as its parts do", async () => {
    const broken = async function* () {
      yield Uint8Array.of(1)
      throw new Error("gone")
    }
    await expect(
      toResponse({ status: 200, headers: {}, parts: broken() }).arrayBuffer(),
    ).rejects.toThrow("gone")
  })
})
