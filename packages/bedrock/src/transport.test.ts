import { createPictor } from "@pictor/core"
import { defineAdapter, toBody } from "@pictor/core/adapter"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { emptyEnvironment, type Home } from "./__fixtures__/environment.ts"
import { keys } from "./__fixtures__/server.ts"
import { bedrock } from "./transport.ts"

const png =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

const paint = defineAdapter({
  name: "paint",
  models: [
    {
      id: "acme.paint-v1:0",
      regions: ["us-east-1"],
      lifecycle: { status: "active" },
      prices: [],
      sources: {},
      tasks: {
        "remove-background": {
          fields: {
            image: {
              kind: "image",
              path: "image",
              required: true,
              limits: { types: ["image/png"] },
            },
          },
        },
      },
    },
  ],
  encode: toBody,
  decode: () => [],
})

/** A picture of this many bytes: a PNG may be followed by other bytes. */
const pictureOf = (bytes: number): Uint8Array => {
  const picture = new Uint8Array(bytes)
  picture.set(Uint8Array.from(atob(png), (character) => character.charCodeAt(0)))
  return picture
}

it("accepts bodies of up to 25,000,000 bytes, and rejects a larger one before it is sent", async () => {
  const transport = bedrock({ region: "us-east-1" })
  expect(transport.maxBodyBytes).toBe(25_000_000)
  const pictor = createPictor({ adapters: [paint(transport)] })
  const planOf = (bytes: number) =>
    pictor.plan({ model: "acme.paint-v1:0", task: "remove-background", image: pictureOf(bytes) })
  const framing = '{"image":""}'.length
  const most = ((25_000_000 - framing - 4) / 4) * 3
  expect((await planOf(most)).calls).toHaveLength(1)
  await expect(planOf(most + 6)).rejects.toMatchObject({
    code: "invalid_request",
    issues: [{ path: "image", given: 25_000_000 + 4, allowed: "at most 25,000,000 bytes" }],
  })
})

describe("check()", () => {
  let home: Home
  beforeEach(() => {
    home = emptyEnvironment()
  })
  afterEach(() => home.remove())

  it.each([
    ["keys", { credentials: keys }],
    ["an API key", { apiKey: "key" }],
  ])("finds %s without a call", async (_, identity) => {
    const transport = bedrock({ region: "us-west-2", endpoint: "http://127.0.0.1:1", ...identity })
    await expect(transport.check()).resolves.toBeUndefined()
    await transport.close()
  })

  it("finds keys of the environment", async () => {
    vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIDENV")
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "secret")
    await expect(bedrock({ region: "us-west-2" }).check()).resolves.toBeUndefined()
  })

  it("names the sources of credentials that it read", async () => {
    const checking = bedrock({ region: "us-west-2" }).check()
    await expect(checking).rejects.toMatchObject({
      code: "unauthenticated",
      message: expect.stringContaining("AWS_ACCESS_KEY_ID"),
    })
  })

  it("rejects a blank API key", async () => {
    await expect(bedrock({ region: "us-west-2", apiKey: " " }).check()).rejects.toMatchObject({
      code: "misconfigured",
    })
  })

  it("rejects a missing region", async () => {
    await expect(bedrock({ credentials: keys }).check()).rejects.toMatchObject({
      code: "misconfigured",
      message: expect.stringContaining("AWS_REGION"),
    })
  })

  it("checks the requested region", async () => {
    await expect(bedrock({ credentials: keys }).check("eu-west-1")).resolves.toBeUndefined()
  })
})
