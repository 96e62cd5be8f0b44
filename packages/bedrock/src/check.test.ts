import { afterEach, beforeEach, expect, it, vi } from "vitest"
import { emptyEnvironment, type Home } from "./__fixtures__/environment.ts"
import { keys } from "./__fixtures__/server.ts"
import { bedrock } from "./transport.ts"

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

it("says where it looked for credentials", async () => {
  vi.stubEnv("AWS_EC2_METADATA_DISABLED", "true")
  const checking = bedrock({ region: "us-west-2" }).check()
  await expect(checking).rejects.toMatchObject({
    code: "unauthenticated",
    message: expect.stringContaining("AWS_ACCESS_KEY_ID"),
  })
})

it("refuses a blank API key", async () => {
  await expect(bedrock({ region: "us-west-2", apiKey: " " }).check()).rejects.toMatchObject({
    code: "unauthenticated",
  })
})

it("says that there is no region", async () => {
  await expect(bedrock({ credentials: keys }).check()).rejects.toMatchObject({
    code: "misconfigured",
    retryable: false,
    message: expect.stringContaining("AWS_REGION"),
  })
})

it("takes the region that it is asked about", async () => {
  await expect(bedrock({ credentials: keys }).check("eu-west-1")).resolves.toBeUndefined()
})
