import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import { createFluxEmulator, type FluxEmulator } from "@pictor/flux-emulator"
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest"
import { seeded } from "../../../../packages/ledger/src/__fixtures__/seeded.ts"
import { loadConfig } from "../config/load.ts"
import { type Gateway, startGateway } from "../gateway.ts"
import { startServing } from "./__fixtures__/command.ts"
import { type Books, laterMs, openBooks } from "./__fixtures__/ledger-reader.ts"
import { ask, read } from "./__fixtures__/send-request.ts"

const seed = 20_261_201
const rounds = process.env["PICTOR_SCALE"] === "full" ? 50 : 4
const imageMicroUsd = 30_000
const model = "flux-2-pro"

/** From the first order to the last download of a round, about. */
const roundMs = 1200

const random = seeded(seed)
let folder = ""
let databaseUrl = ""
let emulator: FluxEmulator
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "pictor-killed-jobs-"))
  databaseUrl = `file:${join(folder, "gateway.db")}`
  emulator = await createFluxEmulator({ jobMs: 400, latencyMs: 60, keepRequests: 1000 })
  const configuration = {
    model_list: [
      {
        model_name: model,
        litellm_params: {
          model: `black_forest_labs/${model}`,
          api_key: "any",
          api_base: emulator.url,
        },
      },
    ],
    general_settings: { database_url: databaseUrl, master_key: "sk-master" },
  }
  writeFileSync(join(folder, "config.yaml"), JSON.stringify(configuration))
})
afterAll(async () => {
  await emulator.close()
  rmSync(folder, { recursive: true })
})

const order = async (url: string, key: string) =>
  read(
    await ask({
      url,
      fields: { model, prompt: key, size: "256x256" },
      headers: { authorization: "Bearer sk-master", "idempotency-key": key },
    }),
  )

/** Orders three images at once, and kills the gateway at a random moment. Returns their keys. */
const orderUntilKilled = async (round: number): Promise<readonly string[]> => {
  const gateway = await startServing({ args: ["--config", join(folder, "config.yaml")], folder })
  const keys = Array.from({ length: 3 }, (_, index) => `round-${round}-order-${index}`)
  const answers = keys.map((key) => order(gateway.url, key).catch(() => undefined))
  await delay(random() * roundMs)
  gateway.signal("SIGKILL")
  await gateway.ended
  await Promise.all(answers)
  return keys
}

/** A gateway on the same database, after every lease and the end of every job. */
const startLater = async (): Promise<Gateway> => {
  const { config } = await loadConfig(join(folder, "config.yaml"), {})
  return startGateway({
    config,
    env: {},
    folder,
    settings: { port: 0 },
    log: { write: () => undefined },
    now: () => Date.now() + laterMs,
  })
}

interface Unresolved {
  readonly maybe_spend: number
  readonly job: unknown
}

const unresolvedAt = async ({ url }: Gateway): Promise<readonly Unresolved[]> => {
  const headers = { authorization: "Bearer sk-master" }
  const response = await fetch(`${url}/spend/unresolved`, { headers })
  return ((await response.json()) as { readonly calls: readonly Unresolved[] }).calls
}

const ordersOf = (key: string): number =>
  emulator.requests.filter(
    ({ kind, body }) => kind === "submit" && (body as { readonly prompt: unknown }).prompt === key,
  ).length

const sumsOf = async ({ ledger }: Books) => {
  const [spend] = await ledger.spend()
  return { microUsd: spend?.microUsd ?? 0, maybeMicroUsd: spend?.maybeMicroUsd ?? 0 }
}

describe(`a gateway killed between an order and its image, seed ${seed}`, () => {
  const counts = { resumed: 0, listed: 0 }
  /** Orders of which the gateway knows no job, though the provider made one. */
  let unknownOrders = 0

  it.each(Array.from({ length: rounds }, (_, round) => round))(
    "delivers each finished image on resume or lists its call, and orders none twice: round %i",
    async (round) => {
      const keys = await orderUntilKilled(round)
      // The emulator may still answer the killed process; then every job ends.
      await delay(100)
      emulator.advance(10_000)
      const before = await openBooks(databaseUrl, laterMs)
      const sumsBefore = await sumsOf(before)
      await before.close()

      const gateway = await startLater()
      await vi.waitFor(
        async () =>
          expect((await unresolvedAt(gateway)).filter(({ job }) => job !== null)).toEqual([]),
        10_000,
      )
      const listed = await unresolvedAt(gateway)
      for (const key of keys) {
        const ordered = ordersOf(key)
        const { status, images, error } = await order(gateway.url, key)
        if (status === 200) expect([key, images.length, ordersOf(key)]).toEqual([key, 1, 1])
        else {
          expect([key, error?.code]).toEqual([key, "idempotency_unresolved"])
          expect(ordersOf(key)).toBe(ordered)
          unknownOrders += ordered
        }
      }
      expect(await unresolvedAt(gateway)).toEqual(listed)
      await gateway.close()

      const books = await openBooks(databaseUrl, laterMs)
      const { microUsd, maybeMicroUsd } = await sumsOf(books)
      counts.resumed += sumsBefore.maybeMicroUsd / imageMicroUsd - listed.length
      counts.listed = listed.length
      expect(maybeMicroUsd).toBe(listed.length * imageMicroUsd)
      expect(microUsd + unknownOrders * imageMicroUsd).toBe(emulator.bill().microUsd)
      expect(emulator.bill().entries.filter(({ state }) => state !== "charged")).toEqual([])
      expect(await books.wrong()).toEqual([])
      await books.close()
    },
  )

  it("was interrupted while jobs were running", () => {
    expect(counts.resumed + counts.listed).toBeGreaterThan(rounds / 2)
  })
})

describe("a poll or a download that fails or is late", () => {
  it("costs nothing twice", async () => {
    const gateway = await startLater()
    const billed = emulator.bill().microUsd
    const faults = ["poll-error;k=2", "poll-unavailable", "slow-poll;ms=300", "reset-download"]
    const prompts = faults.map((fault) => `tea [[fault:${fault}]]`)
    const answers = await Promise.all(prompts.map((prompt) => order(gateway.url, prompt)))
    await gateway.close()
    const charges = answers.map(({ report }) => report?.cost.micro_usd)
    expect(charges).toEqual(faults.map(() => imageMicroUsd))
    expect(prompts.map(ordersOf)).toEqual(faults.map(() => 1))
    expect(emulator.bill().microUsd - billed).toBe(faults.length * imageMicroUsd)
  })
})
