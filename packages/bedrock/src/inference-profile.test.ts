import { NodeHttpHandler } from "@smithy/node-http-handler"
import { HttpResponse, http } from "msw"
import { setupServer } from "msw/node"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { emptyEnvironment, type Home } from "./__fixtures__/environment.ts"
import { keys } from "./__fixtures__/server.ts"
import { type ProfileOptions, resolveProfile } from "./inference-profile.ts"

const arn = "arn:aws:bedrock:us-west-2:123456789012:application-inference-profile/abc123"
const model = "stability.stable-image-inpaint-v1:0"
const modelArn = (region: string, id = model) => ({
  modelArn: `arn:aws:bedrock:${region}::foundation-model/${id}`,
})
const requests: { readonly url: string; readonly authorization: string | null }[] = []

const answer = (status: number, body: object, headers: Readonly<Record<string, string>> = {}) =>
  http.get("https://bedrock.us-west-2.amazonaws.com/inference-profiles/:id", ({ request }) => {
    requests.push({ url: request.url, authorization: request.headers.get("authorization") })
    return HttpResponse.json(body, { status, headers })
  })

const network = setupServer()
let home: Home
beforeAll(() => network.listen({ onUnhandledFrame: "error" }))
beforeEach(() => {
  home = emptyEnvironment()
})
afterEach(() => {
  requests.length = 0
  network.resetHandlers()
  home.remove()
})
afterAll(() => network.close())

// msw does not see undici.
const resolve = (options: ProfileOptions = {}) =>
  resolveProfile(arn, { requestHandler: new NodeHttpHandler(), ...options })

describe("resolveProfile", () => {
  it("asks Bedrock for the model behind an application profile, in the ARN's region", async () => {
    network.use(answer(200, { models: [modelArn("us-east-1"), modelArn("us-west-2")] }))
    await expect(resolve({ credentials: keys })).resolves.toEqual({
      model,
      modelId: arn,
    })
    expect(requests).toHaveLength(1)
    expect(decodeURIComponent(requests[0]?.url ?? "")).toContain(arn)
    expect(requests[0]?.authorization).toContain("AKIDTEST")
  })

  it.each([
    [`us.${model}`, { model, modelId: `us.${model}` }],
    [
      `arn:aws:bedrock:us-west-2:123456789012:inference-profile/us.${model}`,
      { model, modelId: `arn:aws:bedrock:us-west-2:123456789012:inference-profile/us.${model}` },
    ],
    [modelArn("us-west-2").modelArn, { model, modelId: modelArn("us-west-2").modelArn }],
  ])("reads %s without asking", async (given, resolved) => {
    await expect(resolveProfile(given)).resolves.toEqual(resolved)
    expect(requests).toEqual([])
  })

  it.each([[[]], [[modelArn("us-east-1"), modelArn("us-east-1", "amazon.nova-canvas-v1:0")]]])(
    "refuses a profile that stands for no one model (%#)",
    async (models) => {
      network.use(answer(200, { models }))
      await expect(resolve({ credentials: keys })).rejects.toMatchObject({
        code: "model_not_found",
      })
    },
  )

  it("refuses what is no profile", async () => {
    const provisioned = "arn:aws:bedrock:us-west-2:123456789012:provisioned-model/x"
    await expect(resolveProfile(provisioned)).rejects.toMatchObject({
      code: "unsupported",
      message: expect.stringContaining("base model"),
    })
  })

  it.each([
    [404, "ResourceNotFoundException", "model_not_found"],
    [403, "AccessDeniedException", "forbidden"],
    [429, "ThrottlingException", "rate_limited"],
  ])("becomes an ImageError at %i", async (status, type, code) => {
    network.use(answer(status, { message: "no" }, { "x-amzn-errortype": type }))
    await expect(resolve({ credentials: keys })).rejects.toMatchObject({ code, status })
  })

  it("is unauthenticated without credentials", async () => {
    await expect(resolve()).rejects.toMatchObject({ code: "unauthenticated" })
  })
})
