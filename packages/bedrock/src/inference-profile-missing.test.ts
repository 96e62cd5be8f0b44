import { expect, it, vi } from "vitest"
import { keys } from "./__fixtures__/server.ts"
import { resolveProfile } from "./inference-profile.ts"

vi.mock("@aws-sdk/client-bedrock", () => {
  throw new Error("Cannot find package")
})

it("resolveProfile says what to install where the control plane's client is missing", async () => {
  const arn = "arn:aws:bedrock:us-west-2:123456789012:application-inference-profile/abc123"
  await expect(resolveProfile(arn, { credentials: keys })).rejects.toMatchObject({
    code: "unsupported",
    message: expect.stringContaining("npm install @aws-sdk/client-bedrock"),
  })
})
