import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setImmediate as turn } from "node:timers/promises"
import { type BedrockEmulator, createBedrockEmulator } from "@pictor/bedrock-emulator"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { runs } from "../../../../packages/core/src/__fixtures__/scale.ts"
import { usePlaces } from "../admin/__fixtures__/places.ts"
import { type Served, startServing } from "./__fixtures__/command.ts"
import { type Books, openBooks } from "./__fixtures__/ledger-reader.ts"
import { configOf } from "./__fixtures__/process.ts"
import {
  type Answered,
  ask,
  callsFor,
  read,
  smallest,
  smallestMicroUsd,
} from "./__fixtures__/send-request.ts"

const masterKey = "sk-master-of-this-test"
const requests = runs(1_000)

const places = usePlaces()
let folder = ""
let emulator: BedrockEmulator
let gateways: readonly Served[] = []
let books: Books
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "pictor-processes-"))
  emulator = await createBedrockEmulator({ seed: 1 })
  const [, place] = places.all.find(([name]) => name === "PostgreSQL") ?? []
  const databaseUrl = String(await place?.())
  const general_settings = { master_key: masterKey, database_url: databaseUrl }
  const config = join(folder, "config.yaml")
  writeFileSync(
    config,
    configOf({
      endpoint: emulator.url,
      databaseUrl,
      models: [smallest.model],
      sections: { general_settings },
    }),
  )
  gateways = await Promise.all(
    [1, 2, 3].map(() => startServing({ args: ["--config", config], folder })),
  )
  books = await openBooks(databaseUrl)
})
afterAll(async () => {
  for (const { signal } of gateways) signal("SIGTERM")
  await Promise.all(gateways.map(({ ended }) => ended))
  await books.close()
  await emulator.close()
  rmSync(folder, { recursive: true })
})

const urlOf = (number: number): string => gateways[number % gateways.length]?.url ?? ""

const tell = async (number: number, path: string, body?: object, as = masterKey) => {
  const headers = { authorization: `Bearer ${as}`, "content-type": "application/json" }
  const response = await fetch(
    `${urlOf(number)}${path}`,
    body ? { method: "POST", headers, body: JSON.stringify(body) } : { headers },
  )
  return { status: response.status, body: (await response.json()) as unknown }
}

const made = async (number: number, limits: object): Promise<string> =>
  ((await tell(number, "/key/generate", limits)).body as { readonly key: string }).key

const draw = async (number: number, key: string, more: object = {}): Promise<Answered> =>
  read(
    await ask({
      url: urlOf(number),
      fields: { ...smallest, prompt: "tea", ...more },
      headers: { authorization: `Bearer ${key}` },
    }),
  )

const drawAll = (count: number, key: string, more?: object): Promise<readonly Answered[]> =>
  Promise.all(Array.from({ length: count }, (_, number) => draw(number, key, more)))

const countOf = (answers: readonly Answered[], status: number): number =>
  answers.filter((answer) => answer.status === status).length

describe("three processes on one PostgreSQL", () => {
  it("accept a new key of another process at once", async () => {
    const key = await made(0, {})
    expect(
      await Promise.all([1, 2].map(async (number) => (await draw(number, key)).status)),
    ).toEqual([200, 200])
  })

  it(`hold one budget exactly under ${requests} requests at a time`, async () => {
    const affordable = Math.floor(requests / 3)
    const key = await made(1, { max_budget: ((affordable + 0.5) * smallestMicroUsd) / 1e6 })
    const before = emulator.requests.length
    const answers = await drawAll(requests, key)
    expect([countOf(answers, 200), countOf(answers, 429)]).toEqual([
      affordable,
      requests - affordable,
    ])
    expect(new Set(answers.flatMap(({ error }) => error?.code ?? []))).toEqual(
      new Set(["budget_exceeded"]),
    )
    expect(emulator.requests.length - before).toBe(affordable)
    const spent = (affordable * smallestMicroUsd) / 1e6
    for (const number of [0, 1, 2])
      expect((await tell(number, "/key/info", undefined, key)).body).toMatchObject({
        info: { spend: spent, reserved_spend: 0, images: affordable },
      })
    expect(await books.wrong()).toEqual([])
  })

  it("share one limit of images per minute", async () => {
    const count = Math.ceil(requests / 5)
    const key = await made(2, { images_per_minute: count })
    const startedMinute = Math.floor(Date.now() / 60_000)
    const answers = await drawAll(count, key, { n: 2 })
    const minutes = Math.floor(Date.now() / 60_000) - startedMinute + 1
    const fit = Math.floor(count / 2)
    expect(countOf(answers, 200) + countOf(answers, 429)).toBe(count)
    expect(countOf(answers, 200)).toBeGreaterThanOrEqual(fit)
    expect(countOf(answers, 200)).toBeLessThanOrEqual(fit * minutes)
    for (const { status, error, headers } of answers)
      if (status === 429)
        expect([error?.code, Number(headers.get("retry-after")) > 0]).toEqual([
          "rate_limit_exceeded",
          true,
        ])
  })

  it("share one limit of parallel requests and release its slots", async () => {
    const key = await made(0, { max_parallel_requests: 4 })
    const leave = new AbortController()
    const headers = { authorization: `Bearer ${key}` }
    const fields = { ...smallest, prompt: "parallel- [[fault:timeout]]" }
    const held = [0, 1, 2, 3].map((number) =>
      ask({ url: urlOf(number), fields, headers, signal: leave.signal }).catch(() => "left"),
    )
    while (callsFor(emulator, "parallel-") < 4) await turn()
    expect(countOf(await drawAll(12, key), 429)).toBe(12)
    leave.abort()
    expect(await Promise.all(held)).toEqual(["left", "left", "left", "left"])
    while ((await draw(1, key)).status !== 200) await turn()
  })
})
