import type { Decoded } from "../contract/adapter.ts"
import type { ConfiguredPrice, PriceRow, UnitPrices, Units, UnitTerms } from "../contract/card.ts"
import { type Cost, dollars } from "../contract/cost.ts"
import type { Estimate, InputImage, Resolved } from "../contract/plan.ts"
import type { JsonObject, Task } from "../contract/request.ts"
import { isObject, isRecord, times } from "../lib/object.ts"
import type { Target } from "../models/registry.ts"
import { imagesIn } from "./plan-json.ts"
import type { SizePrices } from "./size.ts"

export const noCost: Cost = { microUsd: 0, maybeMicroUsd: 0, unpricedImages: 0 }

export const addCosts = (costs: readonly Cost[]): Cost =>
  costs.reduce(
    (sum, cost) => ({
      microUsd: sum.microUsd + cost.microUsd,
      maybeMicroUsd: sum.maybeMicroUsd + cost.maybeMicroUsd,
      unpricedImages: sum.unpricedImages + cost.unpricedImages,
    }),
    noCost,
  )

export interface PriceFacts {
  readonly task: Task
  readonly quality?: string | undefined
  readonly outputFormat?: string | undefined
  readonly pixels?: number | undefined
  readonly steps?: number | undefined
  readonly region?: string | undefined
  /** ISO date. */
  readonly date: string
}

/** A price row, in US dollars unless it names another currency. */
export type Rate = PriceRow & Pick<ConfiguredPrice, "currency">

export interface PriceList {
  readonly rows: readonly Rate[]
  readonly facts: PriceFacts
}

export const listPrices = async (
  { adapter, card, modelId, listed, region }: Target,
  task: Task,
  { quality, outputFormat, steps }: Pick<Resolved, "quality" | "outputFormat" | "steps">,
  configured: readonly ConfiguredPrice[],
  date: string,
): Promise<PriceList> => {
  // The caller's own prices come first. A model without list prices is only priced by its own id.
  const own = configured
    .filter(({ model }) => model === modelId || (listed && model === card.id))
    .map((row) => ({ ...row, configured: true as const }))
  const rows: readonly Rate[] = listed ? [...own, ...card.prices] : own
  const isRegional = rows.some((row) => row.region !== undefined)
  const called = isRegional ? ((await adapter.transport.region?.(region)) ?? region) : undefined
  return { rows, facts: { task, quality, outputFormat, steps, date, region: called } }
}

/** The first row that matches; undefined where the price is unknown. */
export const findPrice = (rows: readonly Rate[], facts: PriceFacts): Rate | undefined =>
  rows.find(
    (row) =>
      isOrAny(row.task, facts.task) &&
      isOrAny(row.quality, facts.quality) &&
      isOrAny(row.region, facts.region) &&
      (row.outputFormats?.includes(facts.outputFormat ?? "") ?? true) &&
      isWithin(row.maxPixels, facts.pixels) &&
      isWithin(row.maxSteps, facts.steps) &&
      (row.validFrom === undefined || row.validFrom <= facts.date) &&
      (row.validTo === undefined || facts.date < row.validTo),
  )

/** The price by pixels alone, for comparing sizes: rates in the currency of the first row. */
export const priceByPixels = ({ rows, facts }: PriceList): SizePrices => {
  let first: Rate | undefined
  const firstRow = (): Rate | undefined => {
    // Found on demand: most sizes need no price.
    first ??= rows.find(({ maxPixels: _any, ...row }) => findPrice([row], facts))
    return first
  }
  return {
    priceOf: (pixels) => {
      const row = findPrice(rows, { ...facts, pixels })
      if (row?.currency !== firstRow()?.currency) return undefined
      return row?.units ? boundTerms(row, row.most, { pixels })?.image : row?.microUsd
    },
    priceText: (price) => {
      const currency = firstRow()?.currency ?? "USD"
      return currency === "USD" ? dollars(price, 3) : `${price / 1_000_000} ${currency}`
    },
  }
}

const isForeign = ({ currency }: Rate): boolean => ![undefined, "USD"].includes(currency)

/** Whole micro-USD per image, rounded half up; undefined where unknown or in another currency. */
export const microUsdOf = (row: Rate | undefined): number | undefined =>
  row?.microUsd === undefined || isForeign(row) ? undefined : Math.round(row.microUsd)

/** An amount for these images together; undefined where it is unknown. */
export const costOf = (microUsd: number | undefined, images: number): Cost =>
  microUsd === undefined ? { ...noCost, unpricedImages: images } : { ...noCost, microUsd }

/** A rate in another currency, which no sum contains: `0.036 EUR per image`. */
export const foreignRate = (row: Rate | undefined): string | undefined => {
  if (!row || !isForeign(row)) return undefined
  const { microUsd, currency } = row
  return microUsd === undefined
    ? `${currency} by usage`
    : `${microUsd / 1_000_000} ${currency} per image`
}

export const priceUnknown = (modelId: string, row: Rate | undefined): string => {
  const foreign = foreignRate(row)
  if (foreign !== undefined) return `The price of ${modelId} is unknown in USD: ${foreign}.`
  return row
    ? `The price of ${modelId} is known only after the call: its price row has no upper bound.`
    : `The price of ${modelId} is unknown. Set it in createPictor({ prices }).`
}

/** How each call of a plan is priced. Without `image` and `bound` the price is unknown. */
export interface CallPrice {
  readonly row: Rate | undefined
  /** Whole micro-USD per image. */
  readonly image?: number
  /** For unit prices: the most that a call costs. */
  readonly bound?: CallTerms
  readonly likely?: CallTerms
}

/** Micro-USD of a call: a part that does not depend on its images, and a part for each image. */
interface CallTerms {
  readonly fixed: number
  readonly image: number
}

/** What a call's bound depends on, besides the number of its images. */
interface CallFacts {
  /** Of an output image, where known. */
  readonly pixels: number | undefined
  readonly inputs?: readonly InputImage[]
  readonly textBytes?: number
  /** Preliminary images of each image. */
  readonly partialImages?: number | undefined
}

/** The price of a plan's calls, which share texts and input pictures. */
export const callPrice = (
  row: Rate | undefined,
  pixels: number | undefined,
  fields: Resolved,
  options: JsonObject,
): CallPrice => {
  if (!row || isForeign(row)) return { row }
  if (!row.units) return { row, image: Math.round(row.microUsd) }
  const { partialImages } = fields
  const facts = { pixels, partialImages, ...billedInputs(fields, options) }
  const bound = boundTerms(row, row.most, facts)
  const likely = bound && boundTerms(row, row.likely, facts)
  return { row, ...(bound && { bound }), ...(likely && { likely }) }
}

/** The most that a call costs, or what it costs exactly; undefined where unknown. */
export const boundOf = ({ image, bound }: CallPrice, images: number): number | undefined => {
  if (image !== undefined) return image * images
  return bound && inRange(Math.ceil(tidy(bound.fixed + bound.image * images)))
}

/** The cost that a call reserves. It is maybe charged while the outcome is unknown. */
export const costOfCall = (price: CallPrice, images: number): Cost =>
  costOf(boundOf(price, images), images)

/** The same cost without a verdict. */
export const asMaybe = ({ microUsd, maybeMicroUsd, unpricedImages }: Cost): Cost => ({
  microUsd: 0,
  maybeMicroUsd: microUsd + maybeMicroUsd,
  unpricedImages,
})

/** `calls`: the number of images of each. */
export const estimateOf = (price: CallPrice, calls: readonly number[]): Estimate => {
  const cost = addCosts(calls.map((images) => costOfCall(price, images)))
  const { bound, likely } = price
  if (!bound || cost.unpricedImages > 0) return cost
  const usual = likely && calls.reduce((sum, n) => sum + likely.fixed + likely.image * n, 0)
  return {
    ...cost,
    basis: "upper-bound",
    ...(usual !== undefined && {
      likelyMicroUsd: Math.min(Math.round(tidy(usual)), cost.microUsd),
    }),
  }
}

/** What a reply costs: a price per charged image, or an amount for the whole call. */
export type Charge =
  | { readonly image: number | undefined }
  | { readonly call: number; readonly estimated?: string }

/**
 * The first available of: a configured price, the amount that the provider states, the row's
 * prices of the counted units, the bound. `estimated` says why the bound is charged.
 *
 * @param bound The amount that was reserved for the call.
 * @param images The charged ones.
 */
export const chargeOf = (
  row: Rate | undefined,
  bound: number | undefined,
  { usage, microUsd: stated }: Omit<Decoded, "outcomes">,
  images: number,
): Charge => {
  if (row && (isForeign(row) || (row.configured && !row.units))) return { image: microUsdOf(row) }
  const unpriced = row?.units && usage && unpricedUnit(row.units, usage)
  const counted =
    row?.units && usage && unpriced === undefined ? countedCost(row, usage, images) : undefined
  if (row?.configured && counted !== undefined) return { call: counted }
  const amount = stated === undefined ? counted : halfUp(stated)
  if (amount !== undefined) return { call: amount }
  if (!row?.units || bound === undefined) return { image: microUsdOf(row) }
  const why =
    unpriced === undefined
      ? "did not report what it counted"
      : `counted a unit without a price, ${unpriced}`
  return { call: bound, estimated: why }
}

/** A total in whole parts, the remainder in the last. */
export const sharesOf = (total: number, parts: number): readonly number[] => {
  const share = Math.floor(total / parts)
  return times(parts, (index) => (index === parts - 1 ? total - share * index : share))
}

const unitNames: readonly string[] = [
  "image",
  "inputTextToken",
  "inputImageToken",
  "cachedInputTextToken",
  "cachedInputImageToken",
  "outputTextToken",
  "outputImageToken",
  "inputMegapixel",
  "outputMegapixel",
  "credit",
] satisfies readonly (keyof Units)[]

/** Units in a fixed order; undefined if there is none, or if one is unknown or no number from 0. */
export const copyUnits = (units: unknown): Units | undefined => {
  if (!isRecord(units)) return undefined
  const given = Object.keys(units).filter((name) => units[name] !== undefined)
  const isValid = given.every((name) => unitNames.includes(name) && isAmount(units[name]))
  const known = unitNames.filter((name) => given.includes(name))
  return isValid && known.length > 0
    ? Object.fromEntries(known.map((name) => [name, units[name] as number]))
    : undefined
}

export const addUnits = (all: readonly (Units | undefined)[]): Units | undefined => {
  const sum: Record<string, number> = {}
  for (const units of all)
    for (const [name, count] of Object.entries(units ?? {}))
      sum[name] = tidy((sum[name] ?? 0) + count)
  return copyUnits(sum)
}

/** A number from 0 that stays exact. */
export const isAmount = (value: unknown): value is number =>
  typeof value === "number" && value >= 0 && value <= Number.MAX_SAFE_INTEGER

const inRange = (value: number): number | undefined => (isAmount(value) ? value : undefined)

/** Prices are decimals: a sum of them in binary may be off in the last places. */
const tidy = (value: number): number => Math.round(value * 1e6) / 1e6

const halfUp = (microUsd: number): number | undefined => inRange(Math.floor(tidy(microUsd) + 0.5))

const unpricedUnit = (prices: Units, usage: Units): string | undefined =>
  Object.entries(usage).find(([name, count]) => count > 0 && !(name in prices))?.[0]

const countedCost = (row: Rate, usage: Units, images: number): number | undefined => {
  const whole = (name: "inputMegapixel" | "outputMegapixel"): Units =>
    usage[name] === undefined ? {} : { [name]: Math.ceil(tidy(usage[name])) }
  const counted = { ...usage, ...whole("inputMegapixel"), ...whole("outputMegapixel") }
  const perImage = row.units?.image === undefined ? {} : { image: images }
  return halfUp(sumOf(row.units ?? {}, { ...perImage, ...counted }))
}

/** NaN if a unit has no price: unknown is not 0. */
const sumOf = (prices: Units, units: Units = {}): number =>
  (Object.entries(units) as [keyof Units, number][]).reduce(
    (sum, [name, count]) => sum + count * (count === 0 ? 0 : (prices[name] ?? NaN)),
    0,
  )

/** A row's terms as amounts. Undefined without terms, or if one of their units has no price. */
const boundTerms = (
  { units, megapixel }: UnitPrices,
  terms: UnitTerms | undefined,
  { pixels, inputs = [], textBytes = 0, partialImages = 0 }: CallFacts,
): CallTerms | undefined => {
  if (!terms) return undefined
  const started = (area: number): number => Math.ceil(area / (megapixel ?? NaN))
  const isByArea = megapixel !== undefined
  const output =
    isByArea && units.outputMegapixel !== undefined && pixels !== undefined
      ? { outputMegapixel: started(pixels) }
      : {}
  const inputOf = ({ width, height }: InputImage): Units =>
    isByArea && units.inputMegapixel !== undefined
      ? { inputMegapixel: started(width * height) }
      : {}
  const inputSums = inputs.map((input) => sumOf(units, { ...terms.input, ...inputOf(input) }))
  const fixed =
    sumOf(units, terms.call) +
    inputSums.reduce((sum, each) => sum + each, 0) +
    textBytes * sumOf(units, terms.textByte)
  const perImage = units.image === undefined ? {} : { image: 1 }
  const image =
    sumOf(units, { ...perImage, ...terms.image, ...output }) +
    partialImages * sumOf(units, terms.partialImage)
  return Number.isFinite(fixed + image) ? { fixed, image } : undefined
}

const billedInputs = (
  { prompt, negativePrompt, maskPrompt, keepPrompt, prompts = [], ...fields }: Resolved,
  options: JsonObject,
): Required<Omit<CallFacts, "pixels" | "partialImages">> => {
  const texts = [prompt, negativePrompt, maskPrompt, keepPrompt, ...prompts.map(({ text }) => text)]
  const all = [...texts, ...textsIn(options)]
  const encoder = new TextEncoder()
  return {
    inputs: imagesIn(fields),
    textBytes: all.reduce<number>((sum, text) => sum + encoder.encode(text ?? "").length, 0),
  }
}

const textsIn = (value: unknown): readonly string[] => {
  if (typeof value === "string") return [value]
  return isObject(value) ? Object.values(value).flatMap(textsIn) : []
}

const isWithin = (limit: number | undefined, value: number | undefined): boolean =>
  limit === undefined || (value !== undefined && value <= limit)

const isOrAny = (wanted: string | undefined, value: string | undefined): boolean =>
  wanted === undefined || wanted === value
