import { decimalText, roundDecimal } from "./decimal.ts"
import { type InvoiceLine, type InvoiceTotals, readInvoiceTotals } from "./invoice-totals.ts"
import type { LedgerCall } from "./list-calls.ts"
import type { DurableLedger } from "./open-ledger.ts"
import { usageTypeOf } from "./usage-type.ts"

export interface LedgerShare {
  readonly images: number
  readonly microUsd: number
  /** Of held and lapsed calls: perhaps charged. */
  readonly maybeMicroUsd: number
  /** Images without a known price. */
  readonly unpricedImages: number
}

export interface Difference {
  /** UTC. */
  readonly day: string
  /** Without the region. */
  readonly usageType: string
  readonly ledger: LedgerShare
  readonly invoice: { readonly images: number; readonly microUsd: number }
  /** Invoice − ledger. */
  readonly microUsd: number
}

/**
 * Invoice lines that were not compared. Amount and cost are decimal texts, because an invoice has
 * more decimal places than micro-USD.
 */
export interface UncomparedLines {
  readonly day: string
  readonly usageType: string
  readonly region: string
  readonly currency: string
  readonly lines: number
  readonly amount: string
  readonly cost: string
}

/** Calls whose usage type is not documented. */
export interface UncomparedCalls
  extends LedgerShare,
    Pick<LedgerCall, "model" | "task" | "size" | "quality"> {
  readonly day: string
}

export interface Reconciliation {
  /** The days of the invoice's image lines; absent if it has none, so that nothing was compared. */
  readonly days?: { readonly from: string; readonly to: string }
  /** In US dollars. */
  readonly invoiceMicroUsd: number
  readonly ledgerMicroUsd: number
  /** Number of pairs of day and usage type that agree. */
  readonly agreed: number
  readonly differences: readonly Difference[]
  /** Of known usage types, in another currency; not in `invoiceMicroUsd`. */
  readonly otherCurrencies: readonly UncomparedLines[]
  /** Of other usage types; not in `invoiceMicroUsd`. */
  readonly unmatchedLines: readonly UncomparedLines[]
  /** Not in `ledgerMicroUsd`. */
  readonly unmatchedCalls: readonly UncomparedCalls[]
}

const nothing: LedgerShare = { images: 0, microUsd: 0, maybeMicroUsd: 0, unpricedImages: 0 }

const dayMs = 86_400_000

const microPlaces = 6

const plus = (first: LedgerShare, { images, cost }: LedgerCall): LedgerShare => ({
  images: first.images + images,
  microUsd: first.microUsd + cost.microUsd,
  maybeMicroUsd: first.maybeMicroUsd + cost.maybeMicroUsd,
  unpricedImages: first.unpricedImages + cost.unpricedImages,
})

const uncompared = ({ amount, cost, ...line }: InvoiceLine): UncomparedLines => ({
  ...line,
  amount: decimalText(amount),
  cost: decimalText(cost),
})

/**
 * Compares the ledger with an AWS Cost and Usage Report 2.0 in CSV, by UTC day and usage type, over
 * the days on which the report has images. Lines and calls that cannot be compared are listed.
 * Throws `invalid_request` if the CSV is not such a report.
 *
 * @example
 * const { differences } = await reconcile(ledger, createReadStream("cost-and-usage.csv"))
 */
export const reconcile = async (
  ledger: DurableLedger,
  csv: string | AsyncIterable<string | Uint8Array>,
): Promise<Reconciliation> => {
  const invoice = await readInvoiceTotals(csv)
  const listed = {
    otherCurrencies: invoice.otherCurrencies.map(uncompared),
    unmatchedLines: invoice.unmatched.map(uncompared),
  }
  const days = [...invoice.compared, ...invoice.otherCurrencies]
    .map(({ day }) => day)
    .toSorted((first, second) => (first < second ? -1 : 1))
  const from = days[0]
  const to = days.at(-1)
  if (from === undefined || to === undefined)
    return {
      invoiceMicroUsd: 0,
      ledgerMicroUsd: 0,
      agreed: 0,
      differences: [],
      ...listed,
      unmatchedCalls: [],
    }
  const { shares, unmatchedCalls } = await sharesOf(ledger, from, to)
  return { days: { from, to }, ...compare(invoice, shares), ...listed, unmatchedCalls }
}

const nameOf = (day: string, usageType: string): string => `${day} ${usageType}`

const sharesOf = async (ledger: DurableLedger, from: string, to: string) => {
  const shares = new Map<string, LedgerShare>()
  const others = new Map<string, UncomparedCalls>()
  const afterMs = Date.parse(to) + dayMs
  for await (const call of ledger.calls({ from, to: new Date(afterMs).toISOString() })) {
    if (call.state === "reserved" || call.state === "released") continue
    const day = call.time.slice(0, 10)
    const usageType = usageTypeOf(call)
    if (usageType !== undefined) {
      const name = nameOf(day, usageType)
      shares.set(name, plus(shares.get(name) ?? nothing, call))
      continue
    }
    const { model, task, size, quality } = call
    const facts = {
      day,
      model,
      task,
      ...(size !== undefined && { size }),
      ...(quality !== undefined && { quality }),
    }
    const name = JSON.stringify(facts)
    others.set(name, { ...facts, ...plus(others.get(name) ?? nothing, call) })
  }
  return { shares, unmatchedCalls: [...others.values()] }
}

const compare = ({ compared }: InvoiceTotals, shares: ReadonlyMap<string, LedgerShare>) => {
  const invoiced = new Map(
    compared.map((line) => [
      nameOf(line.day, line.usageType),
      { images: Number(decimalText(line.amount)), microUsd: roundDecimal(line.cost, microPlaces) },
    ]),
  )
  const names = [...new Set([...invoiced.keys(), ...shares.keys()])].toSorted((first, second) =>
    first < second ? -1 : 1,
  )
  const all = names.map((name): Difference => {
    const [day = "", usageType = ""] = name.split(" ")
    const ledger = shares.get(name) ?? nothing
    const invoice = invoiced.get(name) ?? { images: 0, microUsd: 0 }
    return { day, usageType, ledger, invoice, microUsd: invoice.microUsd - ledger.microUsd }
  })
  const differences = all.filter(
    ({ microUsd, ledger, invoice }) => microUsd !== 0 || ledger.images !== invoice.images,
  )
  return {
    invoiceMicroUsd: all.reduce((sum, { invoice }) => sum + invoice.microUsd, 0),
    ledgerMicroUsd: all.reduce((sum, { ledger }) => sum + ledger.microUsd, 0),
    agreed: all.length - differences.length,
    differences,
  }
}
