import { execFile } from "node:child_process"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { type BedrockEmulator, createBedrockEmulator } from "@pictor/bedrock-emulator"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type Served, startServing } from "./__fixtures__/command.ts"

/** Verbatim from https://docs.litellm.ai/docs/image_generation/bedrock, seen 2026-11-20. */
const textToImage = String.raw`curl -L -X POST 'http://0.0.0.0:4000/v1/images/generations' \
-H 'Content-Type: application/json' \
-H 'Authorization: Bearer $LITELLM_VIRTUAL_KEY' \
-d '{
    "model": "amazon.nova-canvas-v1:0",
    "prompt": "A cute baby sea otter"
}'`

const colorGuided = String.raw`curl -L -X POST 'http://0.0.0.0:4000/v1/images/generations' \
-H 'Content-Type: application/json' \
-H 'Authorization: Bearer $LITELLM_VIRTUAL_KEY' \
-d '{
    "model": "amazon.nova-canvas-v1:0",
    "prompt": "A cute baby sea otter",
    "taskType": "COLOR_GUIDED_GENERATION",
    "colorGuidedGenerationParams":{"colors":["#FFFFFF"]}
}'`

const profile = "arn:aws:bedrock:eu-west-1:000000000000:application-inference-profile/a0a0a0a0a0a0"

const onPort = (command: string, { url }: Served): string =>
  command.replace(":4000/", `:${new URL(url).port}/`)

interface Answered {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

/** The request that curl would send; `http://0.0.0.0` is this machine. */
const fetched = async (command: string): Promise<Answered> => {
  const [, method = "", address = ""] = /-X (\w+) '(.*?)'/.exec(command) ?? []
  const headers = [...command.matchAll(/-H '(.*?): (.*)'/g)].map(
    ([, name = "", value = ""]) => [name, value] as const,
  )
  const body = /-d '(.*)'/s.exec(command)?.[1] ?? ""
  const response = await fetch(address, { method, headers: Object.fromEntries(headers), body })
  return { status: response.status, headers: response.headers, text: await response.text() }
}

const run = promisify(execFile)

const isThere = (program: string): Promise<boolean> =>
  run(program, ["--version"]).then(
    () => true,
    () => false,
  )

let folder = ""
let emulator: BedrockEmulator
let environment: Readonly<Record<string, string>>
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "pictor-page-"))
  emulator = await createBedrockEmulator({
    seed: 1,
    profiles: { [profile]: "amazon.nova-canvas-v1:0" },
  })
  const credentials = { AWS_ACCESS_KEY_ID: "from-the-environment", AWS_SECRET_ACCESS_KEY: "secret" }
  environment = { AWS_BEDROCK_RUNTIME_ENDPOINT: emulator.url, ...credentials }
})
afterAll(async () => {
  await emulator.close()
  await rm(folder, { recursive: true })
})

const start = (file: string): Promise<Served> =>
  startServing({
    args: ["--config", join(import.meta.dirname, "../config/__fixtures__", file)],
    folder,
    environment,
  })

const end = async (served: Served): Promise<void> => {
  served.signal("SIGTERM")
  expect(await served.ended).toBe(0)
}

interface Body {
  readonly created: number
  readonly data: readonly { readonly b64_json: string }[]
}

const drawn = (text: string) =>
  (JSON.parse(text) as Body).data.map(({ b64_json }) => b64_json.slice(0, 8))

describe("the configuration of LiteLLM's Bedrock image page", () => {
  let served: Served
  beforeAll(async () => {
    served = await start("image-generation.yaml")
  })
  afterAll(() => end(served))

  it("starts and warns about its misspelt key and the missing master key", () => {
    const notes = served.said("stderr")
    expect(notes).toContain("aws_secret_access_id is read as aws_access_key_id")
    expect(notes).toContain("any key is accepted")
  })

  it("serves its text-to-image command", async () => {
    const { status, headers, text } = await fetched(onPort(textToImage, served))
    expect([status, drawn(text)]).toEqual([200, ["iVBORw0K"]])
    expect((JSON.parse(text) as Body).created).toBeGreaterThan(1_700_000_000)
    const call = emulator.requests.at(-1)
    expect(call).toMatchObject({
      modelId: "amazon.nova-canvas-v1:0",
      body: { taskType: "TEXT_IMAGE", textToImageParams: { text: "A cute baby sea otter" } },
    })
    expect(call?.headers["authorization"]).toContain("Credential=my-id/")
    expect(Object.fromEntries(headers)).toMatchObject({
      "x-litellm-model-group": "amazon.nova-canvas-v1:0",
      "x-litellm-response-cost": "0.04",
      "x-litellm-model-region": "us-east-1",
      "x-litellm-model-id": expect.stringMatching(/^\w+$/),
      "x-litellm-attempted-retries": "0",
      "x-litellm-attempted-fallbacks": "0",
      "x-litellm-call-id": headers.get("x-request-id"),
    })
  })

  it("serves its colour-guided command", async () => {
    const { status, text } = await fetched(onPort(colorGuided, served))
    expect([status, drawn(text)]).toEqual([200, ["iVBORw0K"]])
    expect(emulator.requests.at(-1)?.body).toMatchObject({
      taskType: "COLOR_GUIDED_GENERATION",
      colorGuidedGenerationParams: { colors: ["#FFFFFF"], text: "A cute baby sea otter" },
    })
  })

  it("serves curl itself", async ({ skip }) => {
    if (!((await isThere("curl")) && (await isThere("bash")))) return skip("There is no curl.")
    for (const command of [textToImage, colorGuided]) {
      const { stdout } = await run("bash", ["-c", onPort(command, served)], {
        maxBuffer: 100_000_000,
      })
      expect(drawn(stdout)).toEqual(["iVBORw0K"])
    }
  })
})

it("calls the inference profile of LiteLLM's page at the list price", async () => {
  const served = await start("inference-profile.yaml")
  const { status, headers } = await fetched(
    onPort(textToImage.replace("amazon.nova-canvas-v1:0", "nova-canvas-inference-profile"), served),
  )
  const call = emulator.requests.at(-1)
  expect([status, call?.modelId, headers.get("x-litellm-response-cost")]).toEqual([
    200,
    profile,
    "0.04",
  ])
  expect(call?.headers["authorization"]).toMatch(
    /Credential=from-the-environment\/\d+\/eu-west-1\/bedrock/,
  )
  await end(served)
})
