import { ImageError } from "@pictor/core"
import { afterEach, describe, expect, it } from "vitest"
import { post, startServer, type TestServer } from "./__fixtures__/server.ts"

const servers: TestServer[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map(({ close }) => close()))
})

const page = "https://app.example.com"

const start = async (allowedOrigins: readonly string[]): Promise<string> => {
  const server = await startServer({
    settings: { allowedOrigins },
    authenticate: async (bearer) => {
      if (bearer !== "sk-1") throw new ImageError({ code: "unauthenticated", message: "No key." })
      return { kind: "master", account: {}, tags: {}, models: [], aliases: {} }
    },
  })
  servers.push(server)
  return server.url
}

const preflight = async (url: string, origin = page, asked = "authorization, content-type") => {
  const answer = await fetch(`${url}/v1/images/generations`, {
    method: "OPTIONS",
    headers: {
      origin,
      "access-control-request-method": "POST",
      "access-control-request-headers": asked,
    },
  })
  return [
    answer.status,
    answer.headers.get("access-control-allow-origin"),
    answer.headers.get("access-control-allow-headers"),
    answer.headers.get("vary"),
  ]
}

describe("a page of an allowed origin", () => {
  it.each([
    [[page, "http://localhost:3000"], page, "origin"],
    [["*"], "*", null],
  ])("gets its preflight answered without a key: %j", async (allowed, shown, vary) => {
    const url = await start(allowed)
    expect(await preflight(url)).toEqual([204, shown, "authorization, content-type", vary])
  })

  it.each(["x-a; x-b", "x".repeat(1001)])(
    "is allowed no header that is no list of names: %s",
    async (asked) => {
      expect(await preflight(await start([page]), page, asked)).toEqual([204, page, null, "origin"])
    },
  )

  it("may read answers, errors and their headers", async () => {
    const url = await start([page])
    for (const [key, status] of [
      ["sk-1", 200],
      ["sk-2", 401],
    ] as const) {
      const answer = await post(url, {}, { origin: page, authorization: `Bearer ${key}` })
      const { headers } = answer
      expect([
        answer.status,
        headers.get("access-control-allow-origin"),
        headers.get("access-control-expose-headers"),
        headers.get("access-control-allow-credentials"),
      ]).toEqual([status, page, "*", null])
    }
  })
})

describe("a page of another origin", () => {
  it.each([
    [[], page],
    [[page], "https://app.example.com.evil.example"],
    [[page], "http://app.example.com"],
    [[page], "null"],
  ])("gets nothing to read: allowed %j, page %s", async (allowed, origin) => {
    const url = await start(allowed)
    expect((await preflight(url, origin)).slice(0, 3)).toEqual([401, null, null])
    const answer = await post(url, {}, { origin, authorization: "Bearer sk-1" })
    expect(answer.headers.get("access-control-allow-origin")).toBe(null)
  })
})
