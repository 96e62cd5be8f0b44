import { beforeEach, describe, expect, it, vi } from "vitest"
import { googleToken } from "./google-token.ts"

const created = vi.hoisted(() => ({ options: [] as unknown[], token: "t" as string | Error }))

vi.mock(import("google-auth-library"), () => ({
  GoogleAuth: class {
    constructor(options: unknown) {
      created.options.push(options)
    }
    async getAccessToken(): Promise<string> {
      if (created.token instanceof Error) throw created.token
      return created.token
    }
  } as never,
}))

beforeEach(() => {
  created.options = []
  created.token = "t"
})

describe("googleToken", () => {
  it.each([
    ["a path", "/keys/p.json", { keyFilename: "/keys/p.json" }],
    [
      "the text of a file",
      '{ "type": "service_account" }',
      { credentials: { type: "service_account" } },
    ],
    [
      "the content of a file",
      { type: "service_account" },
      { credentials: { type: "service_account" } },
    ],
    ["nothing", undefined, {}],
  ])("opens one session with %s", async (_name, given, options) => {
    const token = googleToken(given)
    expect([await token(), await token()]).toEqual(["t", "t"])
    expect(created.options).toEqual([
      { scopes: "https://www.googleapis.com/auth/cloud-platform", ...options },
    ])
  })

  it("names the remedy, and not the library's message, if there is no token", async () => {
    created.token = new Error("bad private key MIIE")
    await expect(googleToken("{}")()).rejects.toMatchObject({
      code: "misconfigured",
      message: expect.stringMatching(/^Google issued no access token\. Check vertex_credentials/),
    })
  })

  it("rejects credentials that are not JSON", async () => {
    await expect(googleToken("{ a")()).rejects.toMatchObject({
      code: "misconfigured",
      message: "vertex_credentials is not valid JSON.",
    })
  })
})
