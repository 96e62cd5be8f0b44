import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type BedrockEmulator, createBedrockEmulator } from "@pictor/bedrock-emulator"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { loadConfig } from "../config/load.ts"
import { type Gateway, startGateway } from "../gateway.ts"
import { usePlaces } from "./__fixtures__/places.ts"
import { masterKey } from "./__fixtures__/world.ts"

const places = usePlaces()

let emulator: BedrockEmulator
let folder = ""
beforeAll(async () => {
  emulator = await createBedrockEmulator()
  folder = await mkdtemp(join(tmpdir(), "pictor-test-"))
})
afterAll(async () => {
  await emulator.close()
  await rm(folder, { recursive: true })
})

const access = () =>
  `aws_access_key_id: id, aws_secret_access_key: secret, aws_bedrock_runtime_endpoint: ${emulator.url}`

const yaml = (databaseUrl: string): string => `model_list:
  - model_name: nova
    litellm_params: { model: bedrock/amazon.nova-canvas-v1:0, aws_region_name: us-east-1, ${access()} }
  - model_name: titan
    litellm_params: { model: bedrock/amazon.titan-image-generator-v2:0, aws_region_name: us-west-2, ${access()} }
general_settings: { master_key: ${masterKey}, database_url: "${databaseUrl}" }
`

const lines: string[] = []

const start = async (databaseUrl: string): Promise<Gateway> => {
  const path = join(folder, "config.yaml")
  await writeFile(path, yaml(databaseUrl))
  const { config } = await loadConfig(path, {})
  return startGateway({
    config,
    env: {},
    folder,
    settings: { port: 0 },
    log: { write: (line) => void lines.push(line) },
  })
}

const send = async ({ url }: Gateway, path: string, key: string, body?: object) => {
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" }
  const response = await fetch(
    `${url}${path}`,
    body ? { method: "POST", headers, body: JSON.stringify(body) } : { headers },
  )
  const text = await response.text()
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: JSON.parse(text) as unknown,
  }
}

const made = async (
  gateway: Gateway,
  body: object,
): Promise<{ readonly key: string; readonly token: string }> =>
  (await send(gateway, "/key/generate", masterKey, body)).body as {
    readonly key: string
    readonly token: string
  }

/** 0.04 USD an image. */
const order = { model: "nova", prompt: "tea", size: "1024x1024", response_format: "b64_json" }

const draw = (gateway: Gateway, key: string, more: object = {}) =>
  send(gateway, "/v1/images/generations", key, { ...order, ...more })

for (const [name, place] of places.all)
  describe(`two gateways on one database, on ${name}`, () => {
    it("share keys and budgets", async () => {
      const url = await place()
      const [one, two] = [await start(url), await start(url)]
      const { key, token } = await made(one, {
        max_budget: 0.2,
        models: ["nova"],
        aliases: { pictures: "nova" },
        user_id: "ann",
        tags: ["project=garden"],
      })
      const first = await draw(two, key, { model: "pictures" })
      expect(first.status).toBe(200)
      expect(first.headers.get("x-litellm-model-group")).toBe("nova")
      expect([
        first.headers.get("x-litellm-key-spend"),
        first.headers.get("x-litellm-key-max-budget"),
      ]).toEqual(["0.04", "0.2"])
      expect((await draw(two, key, { model: "titan" })).status).toBe(403)
      const statuses = await Promise.all(
        [one, two, one, two, one, two].map(async (gateway) => (await draw(gateway, key)).status),
      )
      expect([200, 429].map((status) => statuses.filter((each) => each === status).length)).toEqual(
        [4, 2],
      )
      expect(await draw(one, key)).toMatchObject({
        status: 429,
        body: { error: { code: "budget_exceeded" } },
      })
      expect((await send(two, "/key/info", key)).body).toMatchObject({
        key: token,
        info: { spend: 0.2, images: 5 },
      })
      const logs = (await send(one, "/spend/logs", key)).body
      expect(logs).toHaveLength(5)
      expect(logs).toMatchObject([
        {
          api_key: token,
          user: "ann",
          spend: 0.04,
          request_tags: ["project=garden"],
          model: "amazon.nova-canvas-v1:0",
        },
        {},
        {},
        {},
        {},
      ])
      await Promise.all([one.close(), two.close()])
    })

    it("share rate limits and send Retry-After", async () => {
      const url = await place()
      const [one, two] = [await start(url), await start(url)]
      const { key } = await made(one, { max_parallel_requests: 0 })
      expect((await draw(two, key)).status).toBe(429)
      const images = (await made(one, { images_per_minute: 3 })).key
      const tooMany = await draw(two, images, { n: 4 })
      expect(tooMany).toMatchObject({
        status: 429,
        body: { error: { code: "rate_limit_exceeded" } },
      })
      expect(tooMany.headers.get("x-should-retry")).toBe("false")
      const answers = await Promise.all(
        [one, two, one, two].map((gateway) => draw(gateway, images, { n: 2 })),
      )
      const rejected = answers.filter(({ status }) => status === 429)
      expect(rejected).toHaveLength(3)
      for (const { headers, body } of rejected) {
        expect(Number(headers.get("retry-after"))).toBeGreaterThan(0)
        expect(body).toMatchObject({ error: { code: "rate_limit_exceeded" } })
      }
      await Promise.all([one.close(), two.close()])
    })

    it("list a model under the key's alias", async () => {
      const gateway = await start(await place())
      const { key } = await made(gateway, { aliases: { pictures: "nova" }, models: ["pictures"] })
      expect((await send(gateway, "/v1/models/pictures", key)).body).toMatchObject({
        id: "pictures",
        pictor: { model: "amazon.nova-canvas-v1:0" },
      })
      expect((await send(gateway, "/v1/models/nova", key)).status).toBe(404)
      await gateway.close()
    })

    it("apply a key's model budget to every name of the model, and ignore a forged tag", async () => {
      const url = await place()
      const [one, two] = [await start(url), await start(url)]
      const nova = { budget_limit: 0.08, time_period: "1d" }
      const { key, token } = await made(one, {
        model_max_budget: { nova },
        aliases: { pictures: "nova" },
      })
      const forged = {
        metadata: { [`pictor.key_model=${token}/nova`]: "", "pictor.key_model": `${token}/nova` },
      }
      expect(await draw(two, (await made(one, {})).key, forged)).toMatchObject({ status: 200 })
      expect((await draw(one, key)).status).toBe(200)
      expect((await draw(two, key, { model: "pictures" })).status).toBe(200)
      expect(await draw(two, key)).toMatchObject({
        status: 429,
        body: { error: { code: "budget_exceeded" } },
      })
      expect((await draw(one, key, { model: "titan", quality: "standard" })).status).toBe(200)
      expect((await send(one, "/key/info", key)).body).toMatchObject({
        info: { model_max_budget: { nova }, model_spend: { nova: 0.08 }, spend: 0.09 },
      })
      expect((await send(one, "/spend/logs", key)).body).toMatchObject([
        { request_tags: [] },
        { request_tags: [] },
        { request_tags: [] },
      ])
      const wider = { nova: { max_budget: 0.12, budget_duration: "7d" } }
      expect(
        (await send(one, "/key/update", masterKey, { key, model_max_budget: wider })).status,
      ).toBe(200)
      expect((await draw(one, key)).status).toBe(200)
      expect((await draw(one, key)).status).toBe(429)
      await Promise.all([one.close(), two.close()])
    })

    it("report the requests left of a key with a limit", async () => {
      const url = await place()
      const [one, two] = [await start(url), await start(url)]
      const { key } = await made(one, { rpm_limit: 3, model_rpm_limit: { titan: 1 } })
      const leftOf = async (gateway: Gateway, more: object = {}, as = key) => {
        const { status, headers } = await draw(gateway, as, more)
        const names = [
          "x-litellm-key-rpm-limit",
          "x-ratelimit-limit-requests",
          "x-ratelimit-remaining-requests",
        ]
        return [status, ...names.map((header) => headers.get(header))]
      }
      expect(await leftOf(one)).toEqual([200, "3", "3", "2"])
      expect(await leftOf(two, { model: "titan", quality: "standard" })).toEqual([
        200,
        "3",
        "1",
        "0",
      ])
      expect(await leftOf(one, { model: "titan" })).toEqual([429, "3", "1", "0"])
      expect(await leftOf(two)).toEqual([200, "3", "3", "0"])
      expect(await leftOf(one)).toEqual([429, "3", "3", "0"])
      expect(await leftOf(two, { n: 0 })).toEqual([400, "3", null, null])
      expect(await leftOf(two, {}, (await made(two, {})).key)).toEqual([200, null, null, null])
      await Promise.all([one.close(), two.close()])
    })

    it("log no key and reject requests without one", async () => {
      const gateway = await start(await place())
      const { key } = await made(gateway, {})
      lines.length = 0
      await draw(gateway, key)
      await send(gateway, `/key/info?key=${key}`, masterKey)
      await send(gateway, `/spend/logs?api_key=${key}`, masterKey)
      expect(await draw(gateway, "sk-nobody")).toMatchObject({
        status: 401,
        body: { error: { code: "invalid_api_key" } },
      })
      expect(await draw(gateway, `${key}x`)).toMatchObject({ status: 401 })
      await send(gateway, "/key/delete", masterKey, { keys: [key] })
      expect(await draw(gateway, key)).toMatchObject({ status: 401 })
      expect(lines.length).toBeGreaterThan(5)
      expect(lines.join("")).not.toContain(key)
      expect(lines.join("")).not.toContain(masterKey)
      await gateway.close()
    })
  })
