import { readFile, stat } from "node:fs/promises"
import { formatUsd, type ModelCard, type Task } from "@pictor/core"
import type { Difference } from "./compare.ts"

/** The price of one image in AWS's price list. */
export interface ImagePrice {
  /** Of the usage type `NovaCanvas-T2I-1024-Standard`, which may have a region's prefix. */
  readonly product: string
  readonly task: Task
  /** Of a square image. */
  readonly side: number
  readonly quality: string
  /** Without the region's prefix. */
  readonly usageType: string
  readonly region: string
  readonly microUsd: number
}

/** The file of a region has a few MB. */
const maxBytes = 256 * 1024 * 1024

const usagePattern =
  /^(?:(?:[A-Z]{2,4}\d?|[a-z]{2}(?:-[a-z]+)+-\d)-)?([A-Za-z][\w-]*)-(T2I|I2I)-(\d+)-(Standard|Premium)$/

/** The products that cards describe. https://aws.amazon.com/bedrock/pricing/, seen 2026-11-20. */
const products: Readonly<Record<string, readonly string[]>> = {
  NovaCanvas: ["amazon.nova-canvas-v1:0"],
  TitanImageGeneratorG1: ["amazon.titan-image-generator-v1", "amazon.titan-image-generator-v2:0"],
}

const oneSpelling: Readonly<Record<string, string>> = {
  Canvas: "NovaCanvas",
  "Nova-Canvas": "NovaCanvas",
}

const tasks: Readonly<Record<string, Task>> = { T2I: "text-to-image", I2I: "image-to-image" }

type Json = Readonly<Record<string, unknown>>

const recordOf = (value: unknown): Json =>
  typeof value === "object" && value !== null ? (value as Json) : {}

/** The dollars of each price dimension of a product's terms. */
const dollarsOf = (terms: unknown): readonly number[] =>
  Object.values(recordOf(terms)).flatMap((term) =>
    Object.values(recordOf(recordOf(term)["priceDimensions"])).flatMap((dimension) => {
      const usd = Number(recordOf(recordOf(dimension)["pricePerUnit"])["USD"] ?? Number.NaN)
      return Number.isFinite(usd) ? [usd] : []
    }),
  )

/**
 * Reads a service price list file of Amazon Bedrock, as JSON:
 * https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/reading-service-price-list-file-for-services.html,
 * seen 2026-11-30. Throws an error for any other file.
 */
export const readPriceList = async (path: string): Promise<readonly ImagePrice[]> => {
  if ((await stat(path)).size > maxBytes)
    throw new Error(`has more than ${maxBytes.toLocaleString("en-US")} bytes`)
  const file = recordOf(JSON.parse(await readFile(path, "utf8")))
  const onDemand = recordOf(recordOf(file["terms"])["OnDemand"])
  if (!file["products"] || Object.keys(onDemand).length === 0)
    throw new Error("has no products and terms.OnDemand")
  return Object.entries(recordOf(file["products"])).flatMap(([sku, entry]) => {
    const { usagetype, regionCode } = recordOf(recordOf(entry)["attributes"])
    const [, name = "", kind = "", side = "", grade = ""] =
      usagePattern.exec(String(usagetype)) ?? []
    const task = tasks[kind]
    if (task === undefined) return []
    const product = oneSpelling[name] ?? name
    return dollarsOf(onDemand[sku]).map((usd) => ({
      product,
      task,
      side: Number(side),
      quality: grade.toLowerCase(),
      usageType: [product, kind, side, grade].join("-"),
      region: typeof regionCode === "string" ? regionCode : "",
      microUsd: Math.round(usd * 1_000_000),
    }))
  })
}

/** The price that a card states; undefined where it states none. */
const priceOf = (
  card: ModelCard,
  { task, quality, side, region }: ImagePrice,
): number | undefined =>
  card.prices.find(
    (row) =>
      (row.task ?? task) === task &&
      (row.quality ?? quality) === quality &&
      (row.region ?? region) === region &&
      side ** 2 <= (row.maxPixels ?? Number.POSITIVE_INFINITY) &&
      row.validTo === undefined,
  )?.microUsd

const textOf = (microUsd: number | undefined): string =>
  microUsd === undefined ? "unknown" : formatUsd({ microUsd, maybeMicroUsd: 0, unpricedImages: 0 })

/** Where cards and the price list differ; also image products that no card describes. */
export const comparePrices = (
  cards: readonly ModelCard[],
  prices: readonly ImagePrice[],
): readonly Difference[] =>
  prices.flatMap((price): readonly Difference[] => {
    const { product, usageType, region, microUsd } = price
    const models = products[product]
    if (!models)
      return [{ model: usageType, region, what: "model", card: "no card", aws: textOf(microUsd) }]
    return cards.flatMap((card) => {
      const stated = models.includes(card.id) ? priceOf(card, price) : microUsd
      return stated === microUsd
        ? []
        : [
            {
              model: card.id,
              region,
              what: `price of ${usageType}` as const,
              card: textOf(stated),
              aws: textOf(microUsd),
            },
          ]
    })
  })
