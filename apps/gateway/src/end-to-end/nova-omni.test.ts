import { join } from "node:path"
import { createBedrockEmulator } from "@pictor/bedrock-emulator"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { createFiles } from "../config/__fixtures__/files.ts"
import { type Gateway, startGateway } from "../gateway.ts"

const red =
  "iVBORw0KGgoAAAANSUhEUgAAAEAAAAAwCAIAAAAuKetIAAAAQ0lEQVR42u3PQQkAAAgEsEty/aMYywp+hcEKLNO+FgEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQGBqwWJJzC16JUmhQAAAABJRU5ErkJggg=="

const files = createFiles()
const emulator = await createBedrockEmulator({
  seed: 1,
  faults: [{ kind: "missing-images", model: "global.amazon.nova-2-omni-v1:0" }],
})
let gateway: Gateway

const entry = (name: string, model: string): string => `
  - model_name: ${name}
    litellm_params:
      model: ${model}
      aws_region_name: us-east-1
      aws_access_key_id: emulated
      aws_secret_access_key: emulated
      aws_bedrock_runtime_endpoint: ${emulator.url}`

beforeAll(async () => {
  const { config } = await files.load(`model_list:
${entry("omni", "bedrock/converse/us.amazon.nova-2-omni-v1:0")}
${entry("talker", "bedrock/global.amazon.nova-2-omni-v1:0")}
general_settings:
  master_key: sk-master
  database_url: "file:${join(files.folder, "gateway.db")}"
`)
  const { folder } = files
  const log = { write: () => undefined }
  gateway = await startGateway({ config, env: {}, folder, settings: { port: 0 }, log })
})

afterAll(async () => {
  await gateway.close()
  await emulator.close()
  files.remove()
})

const authorization = "Bearer sk-master"

const send = async (path: string, body: string | FormData) => {
  const type = typeof body === "string" ? { "content-type": "application/json" } : {}
  const response = await fetch(`${gateway.url}${path}`, {
    method: "POST",
    headers: { authorization, ...type },
    body,
  })
  return { response, body: (await response.json()) as Record<string, unknown> }
}

const generate = (model: string) =>
  send("/v1/images/generations", JSON.stringify({ model, prompt: "tea" }))

const spendOf = async (response: Response) => {
  const id = response.headers.get("x-litellm-call-id")
  const url = `${gateway.url}/spend/logs?request_id=${id}`
  const rows = (await (await fetch(url, { headers: { authorization } })).json()) as unknown[]
  return rows[0] as Record<string, unknown>
}

describe("a gateway with Nova 2 Omni", () => {
  it("draws by Converse, and records the tokens and the charge of the bill", async () => {
    const { response, body } = await generate("omni")
    const [image] = body["data"] as readonly { readonly b64_json: string }[]
    expect([response.status, atob(image?.b64_json ?? "").slice(1, 4)]).toEqual([200, "PNG"])
    const charge = emulator.bill.at(-1)
    expect(charge).toMatchObject({ modelId: "us.amazon.nova-2-omni-v1:0", outputImage: 1024 })
    expect(await spendOf(response)).toMatchObject({
      custom_llm_provider: "bedrock",
      completion_tokens: 1024,
      spend: (charge?.microUsd ?? 0) / 1_000_000,
    })
  })

  it("edits a picture", async () => {
    const form = new FormData()
    form.set("model", "omni")
    form.set("prompt", "tea")
    form.set("image", new Blob([Buffer.from(red, "base64")], { type: "image/png" }), "red.png")
    const { response } = await send("/v1/images/edits", form)
    expect(response.status).toBe(200)
    expect(emulator.requests.at(-1)?.body).toMatchObject({
      messages: [{ content: [{ text: "tea" }, { image: { format: "png" } }] }],
    })
  })

  it("charges words instead of a picture, which are an error", async () => {
    const { response, body } = await generate("talker")
    expect([response.status, body]).toMatchObject([400, { error: { code: "moderation_blocked" } }])
    const charge = emulator.bill.at(-1)
    expect(charge).toMatchObject({ outputImage: 0, microUsd: 20 })
    expect(await spendOf(response)).toMatchObject({ spend: 0.000_02 })
  })

  it("lists the model as a preview", async () => {
    const response = await fetch(`${gateway.url}/health`, { headers: { authorization } })
    const { healthy_endpoints: endpoints } = (await response.json()) as Record<string, unknown[]>
    expect(endpoints).toMatchObject([
      { model_name: "omni", lifecycle: "preview" },
      { model_name: "talker", lifecycle: "preview" },
    ])
  })
})
