import { expect, it, vi } from "vitest"
import { keys, titanCall } from "./__fixtures__/server.ts"
import { bedrock } from "./transport.ts"
import { undiciHandler } from "./undici.ts"

vi.mock("undici", () => {
  throw new Error("Cannot find package")
})

it("undiciHandler says what to install where undici is missing", async () => {
  const requestHandler = undiciHandler()
  const call = bedrock({
    region: "us-west-2",
    credentials: keys,
    endpoint: "http://127.0.0.1:1",
    requestHandler,
  }).invoke(titanCall)
  await expect(call).rejects.toMatchObject({
    code: "unsupported",
    message: expect.stringContaining("npm install undici"),
  })
})
