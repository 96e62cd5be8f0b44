import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createBedrockEmulator, faultKinds } from "@pictor/bedrock-emulator"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { base64Of, picture } from "../../../example/src/across/pictures.ts"
import { askDatabase, usePlaces } from "../admin/__fixtures__/places.ts"
import { type Served, startServing } from "./__fixtures__/command.ts"
import { startCollector, startEchoing } from "./__fixtures__/failing-provider.ts"

const nova = "amazon.nova-canvas-v1:0"
const image = base64Of(picture("320x320"))
const mask = base64Of(picture("320x320", true))

/** Unique values that appear only where this test puts them. */
const secrets = {
  prompt: "zanzibar-prompt-5b1f",
  negative: "zanzibar-negative-77c0",
  unknown: "zanzibar-unknown-e02d",
  masterKey: "sk-zanzibar-master-1f90",
  awsSecret: "zanzibarAwsSecret/9c41+x",
  sessionToken: "zanzibarSessionToken/42f8==",
  apiKey: "zanzibar-api-key-08aa",
  image: image.slice(100, 160),
  mask: mask.slice(100, 160),
}

/** What must not appear, in any encoding. */
const writings = (secret: string): readonly string[] => {
  const bytes = Buffer.from(secret)
  // Without the last bytes, which depend on what follows.
  return [
    secret,
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
    bytes.toString("base64").slice(0, -4),
    bytes.toString("hex"),
  ]
}

const leaks = (text: string, forbidden: Readonly<Record<string, string>>): readonly string[] =>
  Object.entries(forbidden).flatMap(([name, secret]) =>
    writings(secret).flatMap((each) =>
      text.includes(each) ? [`${name} in …${around(text, each)}…`] : [],
    ),
  )

const around = (text: string, word: string): string => {
  const at = text.indexOf(word)
  return text.slice(Math.max(0, at - 120), at + 60)
}

const places = usePlaces()
let emulator: Awaited<ReturnType<typeof createBedrockEmulator>>
let echoing: Awaited<ReturnType<typeof startEchoing>>
beforeAll(async () => {
  emulator = await createBedrockEmulator({ seed: 1 })
  echoing = await startEchoing()
})
const started: Served[] = []
afterAll(async () => {
  for (const gateway of started) gateway.signal("SIGKILL")
  await emulator.close()
  await echoing.close()
})

const configOf = (databaseUrl: string): string => {
  const keys = {
    aws_access_key_id: "AKIDEXAMPLE",
    aws_secret_access_key: secrets.awsSecret,
    aws_session_token: secrets.sessionToken,
    aws_region_name: "us-east-1",
  }
  const entry = (name: string, endpoint: string, credentials: object, model = nova) => ({
    model_name: name,
    litellm_params: {
      model: `bedrock/${model}`,
      aws_bedrock_runtime_endpoint: endpoint,
      ...credentials,
    },
  })
  return JSON.stringify({
    model_list: [
      entry("signed", emulator.url, keys),
      entry("token", emulator.url, { api_key: secrets.apiKey, aws_region_name: "us-east-1" }),
      entry("echoing", echoing.url, keys),
      entry("echoing-token", echoing.url, {
        api_key: secrets.apiKey,
        aws_region_name: "us-east-1",
      }),
      entry("nowhere", "http://127.0.0.1:1", keys),
    ],
    general_settings: { master_key: secrets.masterKey, database_url: databaseUrl },
    router_settings: { num_retries: 1, disable_cooldowns: true },
  })
}

type Fields = Readonly<Record<string, unknown>>

const plain = {
  model: "signed",
  prompt: secrets.prompt,
  negative_prompt: secrets.negative,
  size: "320x320",
}

/** Requests with an image are edits. */
const orders = (): readonly Fields[] => [
  plain,
  { ...plain, model: "token", response_format: "url" },
  { ...plain, n: 2, stream: true },
  { ...plain, image },
  { ...plain, image, pictor: { mask, task: "inpaint" } },
  ...faultKinds
    .filter((kind) => kind !== "timeout")
    .map((kind) => ({ ...plain, prompt: `${secrets.prompt} [[fault:${kind};ms=1]]` })),
  ...faultKinds
    .filter((kind) => kind !== "timeout")
    .map((kind) => ({ ...plain, image, prompt: `${secrets.prompt} [[fault:${kind};ms=1]]` })),
  ...Array.from({ length: echoing.ways * 2 }, (_, way) => ({
    ...plain,
    model: way % 2 === 0 ? "echoing" : "echoing-token",
    image,
  })),
  ...Array.from({ length: echoing.ways }, () => ({ ...plain, model: "echoing" })),
  { ...plain, model: "nowhere", image },
  { ...plain, prompt: secrets.prompt.repeat(200) },
  { ...plain, negative_prompt: secrets.negative.repeat(200), n: 0, size: "0x0" },
  { ...plain, prompt: [secrets.prompt] },
  { ...plain, prompt: { text: secrets.prompt } },
  { ...plain, negative_prompt: { text: secrets.negative } },
  { ...plain, image: image.slice(0, 300) },
  { ...plain, image: { url: image } },
  { ...plain, image: [image, image, image, image, image, image, image] },
  { ...plain, image, mask },
  { ...plain, image, pictor: { mask: mask.slice(0, 300), task: "inpaint" } },
  {
    ...plain,
    images: [{ image_url: `data:image/png;base64,${image}` }],
    mask: { image_url: `data:image/jpeg;base64,${mask}` },
  },
  { ...plain, something: secrets.unknown },
  { ...plain, textToImageParams: { text: secrets.unknown, other: secrets.unknown } },
  {
    ...plain,
    pictor: {
      options: { textToImageParams: { text: secrets.unknown }, other: { deep: [secrets.unknown] } },
    },
  },
  {
    ...plain,
    pictor: {
      prompts: [{ text: secrets.prompt, weight: 9 }],
      maskPrompt: secrets.prompt,
      keepPrompt: secrets.prompt,
    },
  },
  { ...plain, metadata: { note: secrets.unknown }, tools: [secrets.unknown] },
  {
    ...plain,
    taskType: "INPAINTING",
    inPaintingParams: { image, maskPrompt: secrets.unknown, text: secrets.unknown },
  },
  { ...plain, model: "no-such-model", image },
]

interface World {
  readonly gateway: Served
  readonly key: string
  readonly answers: string[]
  readonly ask: (
    path: string,
    body: unknown,
    bearer?: string,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<Response>
}

/** An answer; a successful one without its images. */
const told = async (response: Response): Promise<string> => {
  const text = await response.text()
  return `${response.status} ${JSON.stringify([...response.headers])} ${text.replaceAll(/"b64_json":"[^"]*"/g, "")}`
}

const place = async ({ ask, answers, key }: World): Promise<void> => {
  for (const fields of orders()) {
    const path =
      "image" in fields || "images" in fields ? "/v1/images/edits" : "/v1/images/generations"
    answers.push(await told(await ask(path, fields)))
  }
  // A successful plan shows the caller its own request.
  answers.push(await told(await ask("/v1/images/plan", { ...plain, image, n: 0 })))
  for (const body of [
    `{"model":"signed","prompt":"${secrets.prompt}`,
    `"${secrets.prompt}"`,
    `[["${secrets.prompt}"]]`,
  ])
    answers.push(await told(await ask("/v1/images/generations", body)))
  // A secret in the wrong field.
  answers.push(await told(await ask("/v1/images/generations", plain, `${key}x`)))
  answers.push(await told(await ask("/v1/images/generations", plain, `${secrets.masterKey}x`)))
  for (const path of ["/key/generate", "/key/update", "/key/delete", "/budget/new"])
    answers.push(
      await told(
        await ask(
          path,
          { key, keys: [key], key_alias: 5, max_budget: "x", other: secrets.unknown },
          secrets.masterKey,
        ),
      ),
    )
  for (const path of [
    `/key/info?key=${key}`,
    "/key/list?return_full_object=true",
    "/spend/logs",
    "/spend/report?group_by=key",
    "/health",
    "/v1/models",
  ])
    answers.push(await told(await ask(path, undefined, secrets.masterKey)))
}

const tables = (url: string): string =>
  url.startsWith("file:")
    ? "select name from sqlite_master where type = 'table'"
    : "select table_name as name from information_schema.tables where table_schema = current_schema()"

const dump = async (url: string): Promise<string> => {
  const names = (await askDatabase(url, tables(url))).map(({ name }) => String(name))
  expect(names).toEqual(expect.arrayContaining(["pictor_call", "pictor_entry", "gateway_key"]))
  const rows = await Promise.all(names.map((name) => askDatabase(url, `select * from "${name}"`)))
  return JSON.stringify(rows)
}

/** Two requests with a ledger whose table is missing. */
const withoutLedger = async (url: string, { ask, answers }: World): Promise<void> => {
  await askDatabase(url, "alter table pictor_call rename to pictor_gone")
  for (const more of [{}, { image }]) {
    const response = await ask(`/v1/images/${"image" in more ? "edits" : "generations"}`, {
      ...plain,
      ...more,
    })
    expect(response.status).toBe(503)
    answers.push(await told(response))
  }
  await askDatabase(url, "alter table pictor_gone rename to pictor_call")
}

const open = async (databaseUrl: string, folder: string, collector: string): Promise<World> => {
  writeFileSync(join(folder, "config.yaml"), configOf(databaseUrl))
  const environment = {
    LOG_LEVEL: "trace",
    DEBUG: "*",
    OTEL_EXPORTER_OTLP_ENDPOINT: collector,
    OTEL_BSP_SCHEDULE_DELAY: "20",
  }
  const gateway = await startServing({ args: ["--config", "config.yaml"], folder, environment })
  started.push(gateway)
  const ask: World["ask"] = (path, body, bearer = key, headers = {}) =>
    fetch(gateway.url + path, {
      method: body === undefined ? "GET" : "POST",
      headers: {
        authorization: `Bearer ${bearer}`,
        "content-type": "application/json",
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    })
  let key = secrets.masterKey
  const made = (await (await ask("/key/generate", { key_alias: "ann" })).json()) as {
    readonly key: string
  }
  key = made.key
  return { gateway, key, answers: [], ask }
}

const isOurs = (name: string): boolean => name.startsWith("gateway.db")

describe.each(places.all)("on %s", (engine, fresh) => {
  it("never leaks prompts, images, keys or credentials, whatever fails", async () => {
    const folder = mkdtempSync(join(tmpdir(), "pictor-canary-"))
    const collector = await startCollector()
    const databaseUrl = engine === "SQLite" ? `file:${join(folder, "gateway.db")}` : await fresh()
    const world = await open(databaseUrl, folder, collector.url)
    const { gateway, key, answers } = world
    await place(world)
    await withoutLedger(databaseUrl, world)
    const metrics = await (await fetch(`${gateway.url}/metrics`)).text()
    const rows = await dump(databaseUrl)
    gateway.signal("SIGTERM")
    expect(await gateway.ended).toBe(0)
    const files = readdirSync(folder)
      .filter(isOurs)
      .map((name) => readFileSync(join(folder, name), "latin1"))
    const password = engine === "SQLite" ? {} : { password: "correct horse" }
    const forbidden = { ...secrets, key, ...password }
    const written = {
      out: gateway.said("stdout"),
      people: gateway.said("stderr"),
      metrics,
      traces: collector.traces.join("\n"),
      rows,
      files: files.join("\n"),
    }
    await collector.close()
    rmSync(folder, { recursive: true })
    expect(
      Object.entries(written).flatMap(([name, text]) =>
        leaks(text, forbidden).map((leak) => `${name}: ${leak}`),
      ),
    ).toEqual([])
    expect(answers.flatMap((answer) => leaks(answer, forbidden))).toEqual([])
    // The searched output contains the requests.
    expect(written.out.split("\n").length).toBeGreaterThan(orders().length)
    expect(written.traces).toContain("gen_ai.request.model")
    expect(written.metrics).toContain("pictor_images_total{")
    expect(answers.filter((answer) => answer.startsWith("200")).length).toBeGreaterThan(10)
    expect(written.rows).toContain('"settled"')
  }, 60_000)
})
