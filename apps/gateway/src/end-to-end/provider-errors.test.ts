import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import {
  createPictor,
  type ImageAdapter,
  type ImageError,
  type ImageRequest,
  memoryLedger,
} from "@pictor/core"
import { flux } from "@pictor/flux"
import { geminiImage } from "@pictor/gemini-image"
import { http } from "@pictor/http"
import { openaiImages } from "@pictor/openai-images"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { emulatedConfig } from "../config/emulated.ts"
import { type Gateway, startGateway } from "../gateway.ts"
import { type Books, openBooks } from "./__fixtures__/ledger-reader.ts"
import { type Endpoints, openPlaces } from "./__fixtures__/providers.ts"
import { ask, read } from "./__fixtures__/send-request.ts"

const families = {
  openai: { model: "gpt-image-2", create: openaiImages, size: "1024x640" },
  gemini: { model: "gemini-nano-banana-2.1", create: geminiImage, size: "1K" },
  flux: { model: "flux-2-pro", create: flux, size: "256x256" },
} as const

type FamilyName = keyof typeof families

const names = Object.keys(families) as FamilyName[]

const baseUrl = /check.*(http\(\{ baseUrl \}\)|api_base)/

interface Answer {
  readonly code: string
  /** What the library's message and the gateway's log say. */
  readonly remedy: RegExp
  readonly status: number
  /** The code in the gateway's answer. Default: the library's. */
  readonly publicCode?: string
  /** The row of a call whose charge is unknown is held. */
  readonly held?: true
}

interface Case extends Answer {
  readonly family: FamilyName
  readonly what: string
  readonly at: keyof Endpoints
  /** What the emulator answers. */
  readonly fault?: string
}

const keyRejected = {
  what: "an expired key",
  at: "provider",
  code: "unauthenticated",
  status: 502,
  publicCode: "provider_unauthenticated",
} as const

const denied = {
  at: "provider",
  code: "forbidden",
  status: 502,
  publicCode: "provider_forbidden",
} as const

const moderated = {
  what: "a moderated prompt",
  at: "provider",
  code: "content_filtered",
  status: 400,
  publicCode: "moderation_blocked",
  remedy: /Change the prompt/,
} as const

const gone = { what: "a model that is gone", at: "provider", status: 404 } as const

/** By what is at the base URL. */
const wrongPlaces: readonly (Answer & Pick<Case, "at">)[] = [
  { at: "html", code: "invalid_response", status: 502, remedy: baseUrl, held: true },
  { at: "closed", code: "unavailable", status: 503, remedy: baseUrl },
  { at: "notFound", code: "model_not_found", status: 404, remedy: baseUrl },
]

const cases: readonly Case[] = [
  { family: "openai", fault: "invalid-key", ...keyRejected, remedy: /check that .* not expired/ },
  { family: "gemini", fault: "invalid-key", ...keyRejected, remedy: /Create one .* set it in/ },
  { family: "flux", fault: "forbidden", ...keyRejected, remedy: /Set a valid one in/ },
  {
    family: "openai",
    what: "an organization that is not verified",
    fault: "not-verified",
    ...denied,
    remedy: /verify it in the provider's settings/,
  },
  {
    family: "gemini",
    what: "a project without permission",
    fault: "permission-denied",
    ...denied,
    remedy: /Enable the API in the project/,
  },
  { family: "openai", fault: "moderation-input", ...moderated },
  { family: "gemini", fault: "blocked-safety", ...moderated },
  { family: "flux", fault: "request-moderated", ...moderated },
  { family: "openai", fault: "retired", ...gone, code: "model_retired", remedy: /its successor/ },
  { family: "gemini", fault: "retired", ...gone, code: "model_not_found", remedy: /location/ },
  ...names.flatMap((family) =>
    wrongPlaces.map((place) => ({ family, what: `a wrong base URL (${place.at})`, ...place })),
  ),
  {
    family: "flux",
    what: "a result on a foreign host",
    at: "otherHost",
    code: "invalid_response",
    status: 502,
    remedy: /http:\/\/files\.example.*fileHosts/,
    held: true,
  },
]

const promptOf = ({ fault }: Case): string => `a secret lamp ${fault ? `[[fault:${fault}]]` : ""}`

let places: Awaited<ReturnType<typeof openPlaces>>
let folder = ""
let books: Books
const gateways = new Map<string, Gateway>()
/** Of the gateways' logs. */
const lines: Readonly<Record<string, unknown>>[] = []
beforeAll(async () => {
  places = await openPlaces()
  folder = await mkdtemp(join(tmpdir(), "pictor-provider-errors-"))
  const databaseUrl = `file:${join(folder, "gateway.db")}`
  for (const [at, { openai, gemini, flux: bfl }] of Object.entries(places.endpoints)) {
    const config = await emulatedConfig({ openai, gemini, black_forest_labs: bfl })
    const gateway = await startGateway({
      config: {
        ...config,
        path: "config.yaml",
        router: { ...config.router, retries: 0, cooldownMs: 0 },
        general: { ...config.general, databaseUrl },
      },
      env: {},
      folder,
      settings: { port: 0 },
      log: { write: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>) },
    })
    gateways.set(at, gateway)
  }
  books = await openBooks(databaseUrl)
})
afterAll(async () => {
  for (const gateway of gateways.values()) await gateway.close()
  await books.close()
  await places.close()
  await rm(folder, { recursive: true })
})

describe("through the library", () => {
  it.each(cases)("$what of $family is $code with a remedy, and charged as known", async (each) => {
    const { family, at, code, remedy, held } = each
    const { create, model, size } = families[family]
    const ledger = memoryLedger()
    const pictor = createPictor<readonly ImageAdapter[]>({
      adapters: [create(http({ key: "sk-secret", baseUrl: places.endpoints[at][family] }))],
      ledger,
      retry: false,
    })
    const request = { model, prompt: promptOf(each), size } as ImageRequest
    const { estimate } = await pictor.plan(request)
    const billed = places.billed()
    const error: unknown = await pictor.generate(request).catch((thrown: unknown) => thrown)
    await pictor.close()
    expect(error).toMatchObject({ code, message: expect.stringMatching(remedy) as string })
    expect((error as ImageError).message).not.toMatch(/secret/)
    const [spend] = await ledger.spend()
    expect([spend?.microUsd, spend?.maybeMicroUsd]).toEqual([
      places.billed() - billed,
      held ? estimate.microUsd : 0,
    ])
  })

  it("an unknown model is named with its nearest names, and nothing is sent", async () => {
    const pictor = createPictor<readonly ImageAdapter[]>({
      adapters: names.map((name) =>
        families[name].create(http({ key: "any", baseUrl: "http://127.0.0.1:9" })),
      ),
    })
    for (const model of ["gpt-image-9", "gemini-nano-banana-9", "flux-9-pro"])
      await expect(pictor.generate({ model, prompt: "tea" })).rejects.toMatchObject({
        code: "model_not_found",
        maybeBilled: false,
        message: expect.stringContaining(model.slice(0, 4)) as string,
      })
    await pictor.close()
  })
})

describe("through the gateway", () => {
  it.each(cases)(
    "$what of $family is answered with $status, and logged with a remedy",
    async (each) => {
      const { family, at, code, publicCode = code, status, remedy, held } = each
      const { model, size } = families[family]
      const billed = places.billed()
      const tag = `${family} ${each.what}`
      const answer = await read(
        await ask({
          url: gateways.get(at)?.url ?? "",
          fields: { model, prompt: promptOf(each), size },
          headers: { "x-litellm-tags": `case=${tag}` },
        }),
      )
      expect([answer.status, answer.error?.code]).toEqual([status, publicCode])
      expect(answer.error?.message).not.toMatch(/secret|http\(\{/)
      const [row, ...more] = await books.rows("case", tag)
      // A call whose tokens were counted is settled, at $0 here.
      expect(held ? ["held"] : ["released", "settled"]).toContain(row?.state)
      expect(more).toEqual([])
      expect(row?.cost.microUsd).toBe(places.billed() - billed)
      expect(row?.cost.maybeMicroUsd).toBe(held ? row?.estimate.microUsd : 0)
      const line = lines.findLast(({ id }) => id === answer.headers.get("x-litellm-call-id"))
      expect(line?.["why"] ?? answer.error?.message).toMatch(remedy)
      expect(JSON.stringify(line)).not.toMatch(/secret/)
    },
  )

  it("an unknown model is answered with 404", async () => {
    const fields = { model: "gpt-image-9", prompt: "tea" }
    const answer = await read(await ask({ url: gateways.get("provider")?.url ?? "", fields }))
    expect([answer.status, answer.error?.code]).toEqual([404, "model_not_found"])
    expect(answer.error?.message).toMatch(/gpt-image-9/)
  })
})
