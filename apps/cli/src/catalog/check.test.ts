import { mkdtemp, writeFile } from "node:fs/promises"
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { ModelCard } from "@pictor/core"
import { NodeHttpHandler } from "@smithy/node-http-handler"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { type CatalogOptions, checkCatalog } from "./check.ts"

interface Summary {
  readonly modelId: string
  readonly modelLifecycle?: {
    readonly status: string
    readonly legacyTime?: string
    readonly endOfLifeTime?: string
    readonly publicExtendedAccessTime?: string
  }
}

/**
 * A stand-in of ListFoundationModels and GetFoundationModel, by region as the signature says it.
 */
let models: Readonly<Record<string, readonly Summary[]>>
let details: Readonly<Record<string, Summary>>
let paths: string[]
let server: Server
beforeEach(async () => {
  ;[models, details, paths] = [{}, {}, []]
  server = createServer((request, response) => {
    const region =
      /\/\d{8}\/([a-z0-9-]+)\/bedrock\//.exec(request.headers.authorization ?? "")?.[1] ?? ""
    paths.push(`${region} ${request.url}`)
    const id = /^\/foundation-models\/([^?]+)/.exec(request.url ?? "")?.[1]
    const listed = models[region]
    response.setHeader("content-type", "application/json")
    if (!listed)
      response
        .writeHead(403, { "x-amzn-errortype": "AccessDeniedException" })
        .end(JSON.stringify({ message: "user AKIDSECRET may not" }))
    else
      response.end(
        JSON.stringify(
          id ? { modelDetails: details[decodeURIComponent(id)] } : { modelSummaries: listed },
        ),
      )
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
})
afterEach(() => server.close())

const sources = { page: { url: "https://example.com", seen: "2026-11-20" } }
const card = (
  id: string,
  regions: readonly string[],
  lifecycle: ModelCard["lifecycle"],
): ModelCard => ({
  id,
  regions,
  lifecycle,
  tasks: {},
  prices: [],
  sources,
})
const cards = [
  card("acme.live-v1:0", ["us-west-2"], { status: "active" }),
  card("acme.old-v1:0", ["us-west-2", "us-east-1"], { status: "legacy", legacyFrom: "2026-01-31" }),
  card("acme.gone-v1:0", ["us-west-2"], { status: "retired", retiredFrom: "2026-06-30" }),
]
const at = (date: string): string => `${date}T00:00:00Z`

const run = async ({ regions = [], priceLists = [] }: Partial<CatalogOptions> = {}) => {
  const lines: string[] = []
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "none" }
  const code = await checkCatalog({ regions, priceLists }, cards, (line) => lines.push(line), {
    endpoint,
    credentials,
    maxAttempts: 1,
    requestHandler: new NodeHttpHandler(),
  })
  return { code, lines, text: lines.join("\n") }
}

const live = { modelId: "acme.live-v1:0", modelLifecycle: { status: "ACTIVE" } }
const old = {
  modelId: "acme.old-v1:0",
  modelLifecycle: { status: "LEGACY", legacyTime: at("2026-01-31") },
}

describe("the catalogue check", () => {
  test("finds nothing where cards and AWS agree, and asks only for image models", async () => {
    models = { "us-west-2": [live, old], "us-east-1": [old] }
    const { code, text } = await run()
    expect([code, text]).toEqual([
      0,
      "us-east-1: 1 image models listed\nus-west-2: 2 image models listed\nCards and AWS say the same.",
    ])
    expect(paths).toEqual([
      "us-east-1 /foundation-models?byOutputModality=IMAGE",
      "us-west-2 /foundation-models?byOutputModality=IMAGE",
    ])
  })

  test("prints every difference: regions, status, dates, models without a card, and retired ones that live", async () => {
    const gone = {
      modelId: "acme.gone-v1:0",
      modelLifecycle: { status: "LEGACY", endOfLifeTime: at("2027-06-30") },
    }
    models = {
      "us-west-2": [
        {
          modelId: "acme.live-v1:0",
          modelLifecycle: { status: "LEGACY", legacyTime: at("2026-11-01") },
        },
        old,
        gone,
        { modelId: "acme.new-v1:0", modelLifecycle: { status: "ACTIVE" } },
      ],
      "us-east-1": [live],
    }
    const { code, lines } = await run()
    expect(code).toBe(1)
    expect(lines.slice(2)).toEqual([
      'acme.live-v1:0 in us-east-1: region is "not available" on the card and "available" at AWS',
      'acme.live-v1:0 in us-west-2: status is "active" on the card and "legacy" at AWS',
      'acme.live-v1:0 in us-west-2: legacyFrom is "not said" on the card and "2026-11-01" at AWS',
      'acme.old-v1:0 in us-east-1: region is "available" on the card and "not listed" at AWS',
      'acme.gone-v1:0 in us-west-2: status is "retired" on the card and "legacy" at AWS',
      'acme.gone-v1:0 in us-west-2: retiredFrom is "2026-06-30" on the card and "2027-06-30" at AWS',
      'acme.new-v1:0 in us-west-2: model is "no card" on the card and "active" at AWS',
      "7 differences.",
    ])
  })

  test("asks for a model by itself where the list has no lifecycle", async () => {
    models = { "us-west-2": [{ modelId: "acme.live-v1:0" }, old] }
    details = {
      "acme.live-v1:0": { modelId: "acme.live-v1:0", modelLifecycle: { status: "LEGACY" } },
    }
    const { text } = await run({ regions: ["us-west-2"] })
    expect(text).toContain('status is "active" on the card and "legacy" at AWS')
    expect(paths).toContain("us-west-2 /foundation-models/acme.live-v1%3A0")
  })

  test("says which region was not listed, without the provider's words, and compares the others", async () => {
    models = { "us-west-2": [live, old] }
    const { code, text } = await run()
    expect(code).toBe(1)
    expect(text).toContain("us-east-1: models could not be listed (AccessDeniedException)")
    expect(text).toContain("Cards and AWS say the same.")
    expect(text).not.toContain("AKIDSECRET")
  })

  test("compares the begin of extended access", async () => {
    const modelLifecycle = {
      status: "LEGACY",
      legacyTime: at("2026-01-31"),
      publicExtendedAccessTime: at("2026-12-01"),
    }
    models = { "us-west-2": [live, { ...old, modelLifecycle }] }
    const { code, lines } = await run({ regions: ["us-west-2"] })
    expect([code, lines[1]]).toEqual([
      1,
      'acme.old-v1:0 in us-west-2: extendedFrom is "not said" on the card and "2026-12-01" at AWS',
    ])
  })

  test("finds nothing where AWS lists a preview as active, by another id or not at all", async () => {
    const preview: ModelCard = {
      ...card("acme.next-v1:0", ["us-west-2", "us-east-1"], { status: "preview" }),
      callableIds: ["acme.next-preview-v1:0"],
    }
    cards.push(preview)
    models = {
      "us-west-2": [
        live,
        old,
        { ...live, modelId: "acme.next-v1:0" },
        { ...live, modelId: "acme.next-preview-v1:0" },
      ],
      "us-east-1": [old],
    }
    const { lines } = await run()
    cards.pop()
    expect(lines.at(-1)).toBe("Cards and AWS say the same.")
  })

  describe("with a price list", () => {
    /** A price list in the documented shape. */
    const listOf = (prices: Readonly<Record<string, string>>, regionCode = "us-east-1") => {
      const entries = Object.entries(prices)
      const products = entries.map(([usagetype], sku) => [
        `S${sku}`,
        { sku: `S${sku}`, attributes: { servicecode: "AmazonBedrock", regionCode, usagetype } },
      ])
      const terms = entries.map(([, USD], sku) => [
        `S${sku}`,
        { [`S${sku}.T`]: { priceDimensions: { [`S${sku}.T.R`]: { pricePerUnit: { USD } } } } },
      ])
      return JSON.stringify({
        offerCode: "AmazonBedrock",
        products: Object.fromEntries(products),
        terms: { OnDemand: Object.fromEntries(terms) },
      })
    }
    const save = async (text: string): Promise<string> => {
      const path = join(await mkdtemp(join(tmpdir(), "pictor-prices-")), "prices.json")
      await writeFile(path, text)
      return path
    }
    const priced: ModelCard = {
      ...card("amazon.nova-canvas-v1:0", [], { status: "retired" }),
      prices: [
        {
          task: "text-to-image",
          quality: "standard",
          maxPixels: 1_048_576,
          microUsd: 40_000,
          source: "page",
        },
        { quality: "standard", microUsd: 60_000, source: "page" },
      ],
    }
    const compare = async (prices: Readonly<Record<string, string>>) => {
      models = { "us-west-2": [live, old] }
      const path = await save(listOf(prices))
      const result = await run({ regions: ["us-west-2"], priceLists: [path] })
      return { ...result, lines: result.lines.slice(2) }
    }
    beforeEach(() => {
      cards.push(priced)
    })
    afterEach(() => void cards.pop())

    test("finds nothing where the cards have its prices", async () => {
      const { code, lines } = await compare({
        "USE1-NovaCanvas-T2I-1024-Standard": "0.0400000000",
        "us-east-1-Canvas-T2I-2048-Standard": "0.06",
        "USE1-NovaLite-input-tokens": "0.00006",
      })
      expect([code, lines]).toEqual([0, ["Cards and AWS say the same."]])
    })

    test("prints prices that differ, that the card lacks, and products without a card", async () => {
      const { code, lines } = await compare({
        "USE1-NovaCanvas-T2I-1024-Standard": "0.05",
        "USE1-Nova-Canvas-I2I-1024-Premium": "0.06",
        "USE1-NovaCanvas2-T2I-1024-Standard": "0.03",
      })
      expect(code).toBe(1)
      expect(lines).toEqual([
        'amazon.nova-canvas-v1:0 in us-east-1: price of NovaCanvas-T2I-1024-Standard is "$0.04" on the card and "$0.05" at AWS',
        'amazon.nova-canvas-v1:0 in us-east-1: price of NovaCanvas-I2I-1024-Premium is "unknown" on the card and "$0.06" at AWS',
        'NovaCanvas2-T2I-1024-Standard in us-east-1: model is "no card" on the card and "$0.03" at AWS',
        "3 differences.",
      ])
    })

    test.each([
      ["is not JSON", "{"],
      ["has no products and terms.OnDemand", '{"products":{}}'],
    ])("says that the file %s, and compares the rest", async (why, text) => {
      models = { "us-west-2": [live, old] }
      const path = await save(text)
      const { code, lines } = await run({ regions: ["us-west-2"], priceLists: [path] })
      expect(code).toBe(1)
      expect(lines[1]).toBe(
        `${path}: ${why}. Give a price list of Amazon Bedrock as JSON; --help shows where.`,
      )
      expect(lines[2]).toBe("Cards and AWS say the same.")
    })
  })
})
