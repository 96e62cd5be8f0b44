import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type BedrockEmulator, createBedrockEmulator, type Fault } from "@pictor/bedrock-emulator"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { loadConfig } from "../config/load.ts"
import { type Gateway, startGateway } from "../gateway.ts"
import { masterKey } from "./__fixtures__/world.ts"

let folder = ""
let emulator: BedrockEmulator
let gateway: Gateway
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "pictor-test-"))
})
afterEach(async () => {
  await gateway.close()
  await emulator.close()
  await rm(folder, { recursive: true })
})

const start = async (
  settings: string,
  faults: readonly Fault[] = [],
  sections = "",
): Promise<void> => {
  emulator = await createBedrockEmulator({ faults })
  const path = join(folder, "config.yaml")
  await writeFile(
    path,
    `model_list:
  - model_name: nova
    litellm_params:
      model: bedrock/amazon.nova-canvas-v1:0
      aws_region_name: us-east-1
      aws_access_key_id: id
      aws_secret_access_key: secret
      aws_bedrock_runtime_endpoint: ${emulator.url}
general_settings: { master_key: ${masterKey}, database_url: "file:${folder}/gateway.db"${settings} }
${sections}`,
  )
  const { config } = await loadConfig(path, {})
  const log = { write: () => {} }
  gateway = await startGateway({ config, env: {}, folder, settings: { port: 0 }, log })
}

type Headers = Readonly<Record<string, string>>

// Each test asserts the shape that it expects.
type Answer = { readonly status: number; readonly body: ReturnType<typeof JSON.parse> }

const send = async (
  path: string,
  key: string,
  body?: object,
  more: Headers = {},
): Promise<Answer> => {
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json", ...more }
  const response = await fetch(
    `${gateway.url}${path}`,
    body ? { method: "POST", headers, body: JSON.stringify(body) } : { headers },
  )
  return { status: response.status, body: await response.json() }
}

const keyOf = async (body: object): Promise<string> =>
  String((await send("/key/generate", masterKey, body)).body.key)

/** 0.04 USD. */
const draw = (key: string, more: object = {}, headers: Headers = {}) =>
  send(
    "/v1/images/generations",
    key,
    { model: "nova", prompt: "tea", size: "1024x1024", response_format: "b64_json", ...more },
    headers,
  )

const budget = async (body: object): Promise<void> => {
  const answer = await send("/budget/new", masterKey, { max_budget: 0.04, ...body })
  expect(answer.status).toBe(200)
}

const words = {
  body: { user: "ann", tags: ["project=garden"] },
  headers: { "x-litellm-tags": "project=garden", "x-litellm-end-user-id": "ann" },
}

describe("a caller's words", () => {
  it("spend no budget of a user or a tag, and are recorded", async () => {
    await start("")
    await budget({ user_id: "ann" })
    await budget({ tag: "project=garden" })
    const stranger = await keyOf({})
    expect((await draw(stranger, words.body)).status).toBe(200)
    expect((await draw(stranger, {}, words.headers)).status).toBe(200)
    expect((await draw(stranger, { user: "ann" })).status).toBe(200)
    const ann = await keyOf({ user_id: "ann", tags: ["project=garden"] })
    expect((await draw(ann)).status).toBe(200)
    expect((await draw(ann)).status).toBe(429)
    const { body } = await send("/spend/logs", stranger)
    expect(body).toMatchObject([
      { user: "", end_user: "ann", request_tags: ["project=garden"], model_group: "nova" },
      { user: "", end_user: "ann", request_tags: ["project=garden"] },
      { user: "", end_user: "ann", request_tags: [] },
    ])
  })

  it("spend the budget of the end user", async () => {
    await start("")
    await budget({ end_user_id: "kim" })
    const key = await keyOf({})
    expect((await draw(key, { user: "kim" })).status).toBe(200)
    expect(await draw(key, { user: "kim" })).toMatchObject({
      status: 429,
      body: { error: { code: "budget_exceeded" } },
    })
    expect((await draw(key, { user: "lee" })).status).toBe(200)
    expect((await send("/budget/list", masterKey)).body).toMatchObject([
      { end_user_id: "kim", spend: 0.04, user_id: null },
    ])
  })

  it("spend the budget of a tag with client_tags_spend_budgets", async () => {
    await start(", client_tags_spend_budgets: true")
    await budget({ tag: "project=garden" })
    const key = await keyOf({})
    expect((await draw(key, { tags: ["project=garden"] })).status).toBe(200)
    expect((await draw(key, { tags: ["project=garden"] })).status).toBe(429)
  })
})

describe("a request repeated after a call without a verdict", () => {
  const lost: readonly Fault[] = [{ kind: "cut", times: 1 }]
  const once = { "idempotency-key": "order-1" }
  const unresolved = async () =>
    (await send("/spend/unresolved", masterKey)).body.calls as [{ readonly request_id: string }]

  it("names the ledger's row until an administrator resolves it", async () => {
    await start("", lost)
    const key = await keyOf({})
    expect((await draw(key, {}, once)).status).toBeGreaterThan(499)
    const again = await draw(key, {}, once)
    const [{ request_id: id }] = await unresolved()
    expect(again).toMatchObject({
      status: 409,
      body: {
        error: {
          code: "idempotency_unresolved",
          message: expect.stringContaining(`first: ${id}.`),
        },
      },
    })
    expect(again.body.error.message).not.toContain("createPictor")
    await send("/spend/resolve", masterKey, { id, verdict: "unspent" })
    expect((await draw(key, {}, once)).status).toBe(200)
  })

  it("runs again with lapsed_requests: retry, and the first call counts as spent", async () => {
    await start(", lapsed_requests: retry", lost)
    const key = await keyOf({})
    expect((await draw(key, {}, once)).status).toBeGreaterThan(499)
    expect((await draw(key, {}, once)).status).toBe(200)
    expect(await unresolved()).toEqual([])
    expect((await send("/spend/logs", key)).body).toMatchObject([{ spend: 0.04 }, { spend: 0.04 }])
  })
})

describe("a request above a budget", () => {
  const sentence = "Budget has been exceeded! Current cost: 0.04, Max budget: 0.05. "

  it("gets LiteLLM's sentence first, then the facts in dollars", async () => {
    await start("")
    const key = await keyOf({ max_budget: 0.05 })
    expect((await draw(key)).status).toBe(200)
    const { status, body } = await draw(key)
    expect([status, body.error.type, body.error.code]).toEqual([
      429,
      "budget_exceeded",
      "budget_exceeded",
    ])
    expect(body.error.message).toMatch(
      /^Budget has been exceeded! Current cost: 0\.04, Max budget: 0\.05\. Budget key=.* exceeded: limit \$0\.05, spent \$0\.04, reserved \$0\.00, requested \$0\.04\. It does not reset\.$/,
    )
  })

  it("gets the status of litellm_settings.budget_exceeded_status_code", async () => {
    await start("", [], "litellm_settings: { budget_exceeded_status_code: 422 }\n")
    const key = await keyOf({ max_budget: 0.05 })
    expect((await draw(key)).status).toBe(200)
    expect(await draw(key)).toMatchObject({
      status: 422,
      body: { error: { code: "budget_exceeded", message: expect.stringContaining(sentence) } },
    })
  })

  it("of images gets the facts without an amount of money", async () => {
    await start("")
    const key = await keyOf({ max_images: 1 })
    expect((await draw(key)).status).toBe(200)
    const { body } = await draw(key)
    expect(body.error.message).toMatch(/^Budget key=.* exceeded: limit 1 image, spent 1 image,/)
  })
})
