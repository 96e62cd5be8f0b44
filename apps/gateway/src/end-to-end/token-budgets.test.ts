import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createPictor, type ImageAdapter, type ImageRequest, isImageError } from "@pictor/core"
import { createGeminiEmulator, type GeminiEmulator } from "@pictor/gemini-emulator"
import { geminiImage } from "@pictor/gemini-image"
import { http } from "@pictor/http"
import { type DurableLedger, openLedger } from "@pictor/ledger"
import { createOpenAiEmulator, type OpenAiEmulator } from "@pictor/openai-emulator"
import { openaiImages } from "@pictor/openai-images"
import fc from "fast-check"
import { afterAll, beforeAll, describe, expect, it } from "vitest"

const seed = 20_261_202
const requestCount = process.env["PICTOR_SCALE"] === "full" ? 400 : 32
const limitMicroUsd = requestCount * 6000

let folder = ""
let openai: OpenAiEmulator
let gemini: GeminiEmulator
const ledgers: DurableLedger[] = []
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "pictor-token-budgets-"))
  openai = await createOpenAiEmulator({ seed: 1, keepRequests: 0 })
  gemini = await createGeminiEmulator({ seed: 1, keepRequests: 0 })
  for (let index = 0; index < 2; index += 1)
    ledgers.push(await openLedger(`file:${join(folder, "ledger.db")}`))
})
afterAll(async () => {
  await openai.close()
  await gemini.close()
  await rm(folder, { recursive: true })
})

const clientOf = (ledger: DurableLedger) =>
  createPictor<readonly ImageAdapter[]>({
    adapters: [
      openaiImages(http({ key: "any", baseUrl: `${openai.url}/v1` })),
      geminiImage(http({ key: "any", baseUrl: `${gemini.url}/v1beta` })),
    ],
    ledger,
    retry: false,
  })

const requests = fc.sample(
  fc.oneof(
    fc.record({
      model: fc.constantFrom("gpt-image-2", "gpt-image-2.5-flare"),
      size: fc.constant("1024x640"),
      quality: fc.constantFrom("low", "medium"),
      n: fc.integer({ min: 1, max: 2 }),
    }),
    fc.record({ model: fc.constant("gemini-3.1-flash-lite-image"), size: fc.constant("1K") }),
  ),
  { seed, numRuns: requestCount },
)

describe(`requests of token-priced models at once, seed ${seed}`, () => {
  it("never exceed a budget, and cost what the providers bill, at most the estimate", async () => {
    const [ledger] = ledgers as [DurableLedger]
    await ledger.setBudget({
      scope: { key: "k1" },
      window: "total",
      hard: { microUsd: limitMicroUsd },
    })
    const clients = ledgers.map(clientOf)
    const used: number[] = []
    const run = async (request: object, index: number) => {
      const pictor = clients[index % clients.length]
      const plan = await pictor?.plan({
        ...request,
        prompt: "tea",
        account: { key: "k1" },
      } as ImageRequest)
      if (!pictor || !plan) throw new Error("there is a client for each request")
      const end = await pictor.run(plan).catch((error: unknown) => error)
      const [budget] = await ledger.budgets({ key: "k1" })
      used.push((budget?.cost.microUsd ?? 0) + (budget?.reserved.microUsd ?? 0))
      if (isImageError(end)) return { code: end.code, excess: 0 }
      const { cost } = end as Awaited<ReturnType<typeof pictor.run>>
      return { code: "delivered", excess: cost.microUsd - plan.estimate.microUsd }
    }
    const ends = await Promise.all(requests.map(run))
    const codes = new Set(ends.map(({ code }) => code))
    expect(codes).toEqual(new Set(["delivered", "budget_exceeded"]))
    expect(Math.max(...ends.map(({ excess }) => excess))).toBeLessThanOrEqual(0)
    expect(Math.max(...used)).toBeLessThanOrEqual(limitMicroUsd)
    const [spend] = await ledger.spend()
    const billed = openai.bill.reduce((sum, { microUsd }) => sum + microUsd, 0)
    expect(spend).toMatchObject({
      microUsd: billed + gemini.bill().microUsd,
      maybeMicroUsd: 0,
      unpricedImages: 0,
    })
    for (const client of clients) await client.close()
  })
})
