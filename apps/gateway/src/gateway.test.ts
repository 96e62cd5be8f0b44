import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createBedrockEmulator } from "@pictor/bedrock-emulator"
import OpenAI from "openai"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { loadConfig } from "./config/load.ts"
import { type Gateway, type GatewayOptions, startGateway } from "./gateway.ts"

let folder = ""
const open: (() => Promise<unknown>)[] = []
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "pictor-test-"))
})
afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close()
  await rm(folder, { recursive: true })
})

const start = async (options: GatewayOptions = {}) => {
  const lines: string[] = []
  const gateway = await startGateway({
    env: {},
    folder,
    settings: { port: 0 },
    log: { write: (line) => void lines.push(line) },
    ...options,
  })
  open.push(gateway.close)
  return { ...gateway, lines }
}

const curl = ({ url }: Pick<Gateway, "url">, body: string): Promise<Response> =>
  fetch(`${url}/v1/images/generations`, {
    method: "POST",
    headers: { "Content-Type": "application/json", Authorization: "Bearer $LITELLM_VIRTUAL_KEY" },
    body,
  })

const textToImage = `{
    "model": "amazon.nova-canvas-v1:0",
    "prompt": "A cute baby sea otter"
}`

describe("a gateway without a configuration", () => {
  it("emulates every model and says so", async () => {
    const gateway = await start()
    expect(gateway.notes[0]).toContain("emulated")
    const { data } = await new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: "any" }).models.list()
    expect(data.map(({ id }) => id)).toContain("amazon.nova-canvas-v1:0")
    expect(await readdir(folder)).toEqual([])
  })

  it.each([
    "bedrock/amazon.nova-canvas-v1:0",
    "bedrock/us-east-1/amazon.nova-canvas-v1:0",
    "bedrock/stability.stability.sd3-large-v1:0",
    "us.stability.stable-image-inpaint-v1:0",
  ])("accepts the model name %s", async (name) => {
    const { url } = await start()
    const { models } = new OpenAI({ baseURL: `${url}/v1`, apiKey: "any" })
    expect((await models.retrieve(name)).id).toBe(name)
    expect((await models.list()).data.map(({ id }) => id)).not.toContain(name)
  })

  it("requires a key if the environment has a master key", async () => {
    const gateway = await start({ env: { LITELLM_MASTER_KEY: "sk-master" } })
    expect(gateway.notes.join("\n")).not.toContain("any bearer")
    expect((await curl(gateway, textToImage)).status).toBe(401)
    const headers = { authorization: "Bearer sk-master", "content-type": "application/json" }
    expect(
      (await fetch(`${gateway.url}/key/generate`, { method: "POST", headers, body: "{}" })).status,
    ).toBe(200)
  })

  it("derives the task of a single-task model from its alias", async () => {
    const { url } = await start()
    const { images } = new OpenAI({ baseURL: `${url}/v1`, apiKey: "any" })
    const { data } = await images.generate({
      model: "stability.stable-diffusion-xl-v0",
      prompt: "tea",
      size: "128x128",
    })
    const image = new File([Buffer.from(data?.[0]?.b64_json ?? "", "base64")], "tea.png", {
      type: "image/png",
    })
    const edited = await images.edit({
      model: "us.stability.stable-image-remove-background-v1:0",
      image,
      prompt: "",
    })
    expect(edited).toMatchObject({
      pictor: { model: "stability.stable-image-remove-background-v1:0" },
    })
  })
})

const withMasterKey = () =>
  loadConfig(join(import.meta.dirname, "config/__fixtures__/image-generation.yaml"), {
    LITELLM_MASTER_KEY: "sk-master",
  })

it("warns about deployments without a region", async () => {
  for (const name of ["AWS_REGION", "AWS_REGION_NAME", "AWS_DEFAULT_REGION", "AWS_CONFIG_FILE"])
    vi.stubEnv(name, "")
  const file = join(folder, "config.yaml")
  await writeFile(
    file,
    "model_list: [{ model_name: bedrock/*, litellm_params: { model: bedrock/* } }]",
  )
  const { notes } = await start(await loadConfig(file, {}))
  expect(notes.join("\n")).toMatch(
    /^bedrock\/\S+ \([0-9a-f]{16}\), .* and \d+ more have no region\. Set aws_region_name/m,
  )
})

describe("a misconfigured deployment", () => {
  const config = async (more: string) => {
    for (const name of ["AWS_REGION", "AWS_REGION_NAME", "AWS_DEFAULT_REGION", "AWS_PROFILE"])
      vi.stubEnv(name, "")
    for (const name of ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"])
      vi.stubEnv(name, join(folder, "none"))
    const emulator = await createBedrockEmulator()
    open.push(emulator.close)
    const keys = "aws_access_key_id: AKIDEXAMPLE, aws_secret_access_key: secret"
    const common = `model: bedrock/amazon.nova-canvas-v1:0, ${keys}, aws_bedrock_runtime_endpoint: "${emulator.url}"`
    const file = join(folder, "config.yaml")
    await writeFile(
      file,
      `model_list: [{ model_name: nova, litellm_params: { ${common}, order: 1 } }${more.replace("COMMON", common)}]`,
    )
    return loadConfig(file, {})
  }
  const body = '{ "model": "nova", "prompt": "A cute baby sea otter", "size": "320x320" }'

  it("answers 503 and logs the reason, which the answer hides", async () => {
    const gateway = await start(await config(""))
    const response = await curl(gateway, body)
    expect([
      response.status,
      response.headers.get("x-should-retry"),
      await response.json(),
    ]).toMatchObject([
      503,
      "false",
      {
        error: {
          code: "misconfigured",
          type: "server_error",
          message: expect.stringContaining("Contact the operator"),
        },
      },
    ])
    expect(gateway.lines.find((line) => line.includes('"request"'))).toContain(
      "No AWS region was found",
    )
  })

  it("cools down if another deployment is available", async () => {
    const gateway = await start(
      await config(
        ", { model_name: nova, litellm_params: { COMMON, order: 2, aws_region_name: us-east-1 } }",
      ),
    )
    const made = [await curl(gateway, body), await curl(gateway, body)]
    expect(
      made.map(({ status, headers }) => [status, headers.get("x-litellm-attempted-retries")]),
    ).toEqual([
      [200, "1"],
      [200, "0"],
    ])
  })
})

describe("a client without a key", () => {
  it("is rejected if there is a master key", async () => {
    const { config, warnings } = await withMasterKey()
    const gateway = await start({ config, warnings })
    expect((await curl(gateway, textToImage)).status).toBe(401)
    expect(
      (await fetch(`${gateway.url}/v1/models`, { headers: { "api-key": "sk-master" } })).status,
    ).toBe(200)
    for (const path of ["/health", "/key/list", "/spend/logs"])
      expect([path, (await fetch(gateway.url + path)).status]).toEqual([path, 401])
  })

  it("cannot reach a gateway without a master key from another machine", async () => {
    await expect(start({ settings: { host: "0.0.0.0", port: 0 } })).rejects.toMatchObject({
      code: "invalid_request",
      message: expect.stringContaining("master_key"),
    })
  })

  it("is rejected as another site's page in a local browser", async () => {
    const { url } = await start()
    const ask = async (headers: Record<string, string>) =>
      (await fetch(`${url}/v1/models`, { headers })).status
    expect(await ask({ origin: "https://elsewhere.example" })).toBe(403)
    expect(await ask({ origin: "null" })).toBe(403)
    expect(await ask({ origin: url })).toBe(200)
  })
})

it.each([
  ["POST", "/v1/images/generations", "sk-nobody", 401],
  ["POST", "/v1/images/generations", "sk-master", 400],
  ["GET", "/v1/models", "sk-master", 200],
  ["GET", "/health", "sk-nobody", 401],
  ["GET", "/health/liveness", "sk-nobody", 200],
  ["GET", "/openapi.json", "sk-nobody", 200],
  ["GET", "/", "sk-nobody", 200],
  ["GET", "/docs", "sk-nobody", 200],
  ["GET", "/files/none.png", "sk-nobody", 403],
  ["GET", "/key/list", "sk-master", 200],
  ["GET", "/key/list", "sk-nobody", 401],
  ["POST", "/key/elsewhere", "sk-master", 404],
  ["DELETE", "/spend/logs", "sk-master", 405],
  ["GET", "/key/generate", "sk-master", 405],
  ["GET", "/key/generate", "sk-nobody", 401],
  ["PUT", "/key/key_1/regenerate", "sk-master", 405],
  ["POST", "/health/liveness", "sk-nobody", 405],
  ["GET", "/health/elsewhere", "sk-master", 404],
  ["DELETE", "/v1/images/generations", "sk-master", 405],
  ["POST", "/budget/elsewhere", "sk-master", 404],
])("answers %s %s with key %s with %i and the caller's id", async (method, path, key, status) => {
  const { url } = await start(await withMasterKey())
  const headers = {
    authorization: `Bearer ${key}`,
    "content-type": "application/json",
    "x-litellm-call-id": "mine",
  }
  const response = await fetch(url + path, {
    method,
    headers,
    ...(method === "GET" ? {} : { body: "{}" }),
  })
  const ids = ["x-request-id", "x-litellm-call-id"].map((name) => response.headers.get(name))
  expect([response.status, ids]).toEqual([status, ["mine", "mine"]])
  expect(response.headers.has("allow")).toBe(status === 405)
  if (status >= 400)
    expect(await response.json()).toMatchObject({
      error: { code: expect.any(String), message: expect.any(String) },
    })
})

it("restarts on its data and keeps the spending of keys", async () => {
  const { config, warnings } = await withMasterKey()
  const emulator = await createBedrockEmulator()
  open.push(emulator.close)
  const own = {
    ...config,
    models: config.models.map((entry) => ({
      ...entry,
      bedrock: { ...entry.bedrock, endpoint: emulator.url },
    })),
  }
  const admin = { authorization: "Bearer sk-master", "content-type": "application/json" }
  const first = await start({ config: own, warnings })
  const made = await fetch(`${first.url}/key/generate`, {
    method: "POST",
    headers: admin,
    body: JSON.stringify({ max_budget: 0.1 }),
  })
  const { key } = (await made.json()) as { key: string }
  const asKey = ({ url }: Pick<Gateway, "url">): Promise<Response> =>
    fetch(`${url}/v1/images/generations`, {
      method: "POST",
      headers: { ...admin, authorization: `Bearer ${key}` },
      body: textToImage,
    })
  const response = await asKey(first)
  expect([
    response.status,
    response.headers.get("x-litellm-key-spend"),
    response.headers.get("x-litellm-key-max-budget"),
  ]).toEqual([200, "0.04", "0.1"])
  const found = await fetch(
    `${first.url}/spend/logs?request_id=${response.headers.get("x-litellm-call-id")}`,
    { headers: admin },
  )
  expect(await found.json()).toMatchObject([
    { call_id: response.headers.get("x-request-id"), spend: 0.04, request_tags: [] },
  ])
  await first.close()
  const second = await start({ config: own, warnings })
  const again = await asKey(second)
  expect([again.status, again.headers.get("x-litellm-key-spend")]).toEqual([200, "0.08"])
  const over = await asKey(second)
  expect([over.status, await over.json()]).toMatchObject([
    429,
    { error: { code: "budget_exceeded" } },
  ])
  expect(second.lines.join("")).not.toMatch(/sk-|otter|iVBOR/)
})
