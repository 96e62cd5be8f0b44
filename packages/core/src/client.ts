import type { ImageAdapter } from "./contract/adapter.ts"
import type { ConfiguredPrice, LifecycleStatus, ModelCard, UnitPrices } from "./contract/card.ts"
import type { ModelsOf, Pictor, PictorFor, PictorOptions } from "./contract/client.ts"
import { invalidRequest } from "./contract/errors.ts"
import { defaultMaxInputPixels } from "./contract/image-ops.ts"
import type { Ledger } from "./contract/ledger.ts"
import { createGenerate } from "./generate/generate.ts"
import { createResumer } from "./generate/resume.ts"
import type { GenerateRules } from "./generate/types.ts"
import { dateOf, defined, type UnknownRecord } from "./lib/object.ts"
import { systemRuntime } from "./lib/system-runtime.ts"
import { createRegistry, lifecycleOn, modelInfo, type Registry } from "./models/registry.ts"
import { checkOptionNames, formatNumber } from "./models/suggest.ts"
import { createPlanning } from "./planning/plan.ts"
import { copyUnits, isAmount } from "./planning/price.ts"
import type { PlanningRules } from "./planning/types.ts"

/**
 * Creates a client for the models of its adapters.
 *
 * @example
 * const pictor = createPictor({ adapters: [echo(echoTransport())] })
 * const { image, cost } = await pictor.generate({ model: "echo-v1", prompt: "A lighthouse." })
 */
export const createPictor = <const Adapters extends readonly ImageAdapter[]>(
  options: PictorOptions<Adapters>,
): PictorFor<ModelsOf<Adapters>> => {
  checkOptions(options)
  const { adapters, ledger } = options
  const rules = rulesOf(options)
  const registry = createRegistry(adapters)
  const planning = createPlanning(registry, rules)
  return {
    maxImages: rules.maxImages,
    ...createGenerate(registry, planning, rules, createResumer(adapters, rules)),
    ...modelMethods(registry, rules.runtime.now),
    close: () => close(adapters, ledger, rules.pending),
  }
}

type AnyOptions = PictorOptions<readonly ImageAdapter[]>

const rulesOf = (options: AnyOptions): GenerateRules & PlanningRules => ({
  middleware: [],
  parallelCalls: 4,
  prices: [],
  maxImages: 100,
  maxInputPixels: options.imageOps?.maxInputPixels ?? defaultMaxInputPixels,
  lifecycle: "warn",
  lapsed: "refuse",
  ...defined(options),
  retry: {
    attempts: 3,
    maybeBilled: false,
    ...defined(options.retry === false ? { attempts: 1 } : (options.retry ?? {})),
  },
  runtime: { ...systemRuntime, ...defined(options.runtime ?? {}) },
  pending: new Set(),
})

const modelMethods = (registry: Registry, now: () => number): Pick<Pictor, "models" | "model"> => {
  const statusOf = (card: ModelCard): LifecycleStatus => lifecycleOn(card, dateOf(now()))
  return {
    models: (filter = {}) => {
      checkOptionNames("models", filter, { task: true, lifecycle: true })
      const { task, lifecycle } = filter
      return registry.cards.filter(
        (card) =>
          (task === undefined || card.tasks[task] !== undefined) &&
          (lifecycle === undefined || statusOf(card) === lifecycle),
      )
    },
    model: (id) => {
      const { card } = registry.resolve(id)
      return modelInfo(card, statusOf(card))
    },
  }
}

/** The longest wait of `close` for what jobs still have to write. */
const maxPendingMs = 10_000

/**
 * Closes everything once, even if something fails. The ledger is last: a transport that closes may
 * still report a job.
 */
const close = async (
  adapters: readonly ImageAdapter[],
  ledger: Ledger | undefined,
  pending: ReadonlySet<Promise<unknown>>,
): Promise<void> => {
  const transports = new Set(adapters.map(({ transport }) => transport))
  const results = await Promise.allSettled(
    [...transports].map(async (transport) => transport.close?.()),
  )
  if (pending.size > 0) {
    const waited = new AbortController()
    const limit = systemRuntime.sleep(maxPendingMs, waited.signal).catch(() => {})
    await Promise.race([Promise.allSettled(pending), limit])
    waited.abort()
  }
  results.push(...(await Promise.allSettled([ledger?.close()])))
  for (const result of results) if (result.status === "rejected") throw result.reason
}

const optionNames = {
  adapters: true,
  ledger: true,
  imageStore: true,
  imageOps: true,
  middleware: true,
  prices: true,
  maxImages: true,
  maxInputPixels: true,
  parallelCalls: true,
  retry: true,
  lapsed: true,
  lifecycle: true,
  runtime: true,
} as const

const checkOptions = (options: AnyOptions): void => {
  checkOptionNames("createPictor", options, optionNames)
  const { retry, lapsed, prices = [] } = options
  if (retry)
    checkOptionNames("createPictor({ retry })", retry, { attempts: true, maybeBilled: true })
  checkText("lapsed", '"refuse" or "retry"', /^(refuse|retry)$/, lapsed)
  for (const name of ["maxImages", "maxInputPixels", "parallelCalls"] as const)
    checkCount(name, options[name])
  checkMaxInputPixels(options)
  checkCount("retry.attempts", retry ? retry.attempts : undefined)
  for (const price of prices) checkPrice(price)
}

const checkPrice = (price: ConfiguredPrice): void => {
  const of = `of the price of ${price.model}`
  const amounts = `a number from 0 to ${Number.MAX_SAFE_INTEGER}`
  if (price.units === undefined) check(`microUsd ${of}`, amounts, isAmount(price.microUsd))
  else checkUnitPrices(price, of, amounts)
  checkText(`currency ${of}`, "a code like EUR", /^[A-Z]{3}$/, price.currency)
  for (const name of ["validFrom", "validTo"] as const)
    checkText(`${name} ${of}`, "a date like 2026-11-20", /^\d{4}-\d{2}-\d{2}$/, price[name])
}

const checkUnitPrices = (
  { microUsd, units, most, likely, megapixel = 1 }: UnitPrices,
  of: string,
  amounts: string,
): void => {
  check(`microUsd ${of}`, "absent beside units", microUsd === undefined)
  check(`megapixel ${of}`, "a number of pixels above 0", isAmount(megapixel) && megapixel > 0)
  const lists = { units, ...mapNames("most", most), ...mapNames("likely", likely) }
  for (const [name, list] of Object.entries(lists))
    check(`${name} ${of}`, `${amounts} for each unit`, copyUnits(list) !== undefined)
}

const mapNames = (prefix: string, terms: object = {}): UnknownRecord =>
  Object.fromEntries(Object.entries(terms).map(([name, list]) => [`${prefix}.${name}`, list]))

const checkMaxInputPixels = ({ maxInputPixels = 0, imageOps }: AnyOptions): void => {
  const most = imageOps?.maxInputPixels ?? Infinity
  check(
    "maxInputPixels",
    `at most ${formatNumber(most)}, the limit of imageOps. Raise it in sharpImages({ maxInputPixels })`,
    maxInputPixels <= most,
  )
}

const check = (name: string, allowed: string, isValid: boolean): void => {
  if (!isValid) throw invalidRequest(`createPictor: ${name} must be ${allowed}.`)
}

const checkCount = (name: string, value = 1): void =>
  check(
    name,
    `a whole number from 1 to ${Number.MAX_SAFE_INTEGER}`,
    Number.isSafeInteger(value) && value >= 1,
  )

const checkText = (
  name: string,
  allowed: string,
  pattern: RegExp,
  value: string | undefined,
): void => check(name, allowed, value === undefined || pattern.test(value))
