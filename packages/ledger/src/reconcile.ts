import { type Bill, type BillLine, readBill } from "./bill.ts"
import { decimalText, roundDecimal } from "./decimal.ts"
import type { LedgerCall } from "./list-calls.ts"
import type { DurableLedger } from "./open-ledger.ts"
import { usageTypeOf } from "./usage-type.ts"

/** What the ledger has of a day and a type. */
export interface LedgerShare {
  readonly images: number
  readonly microUsd: number
  /** Sent without a verdict: charged or not. */
  readonly maybeMicroUsd: number
  /** At a price that nobody knew. */
  readonly unpricedImages: number
}

export interface Difference {
  /** UTC. */
  readonly day: string
  /** As Amazon's price list has it, without the region. */
  readonly usageType: string
  readonly ledger: LedgerShare
  readonly bill: { readonly images: number; readonly microUsd: number }
  /** Bill − ledger. */
  readonly microUsd: number
}

/** Lines of the bill that were compared with nothing. Amount and cost are decimals, as a bill has more places than micro-USD. */
export interface UncomparedLines {
  readonly day: string
  readonly usageType: string
  readonly region: string
  readonly currency: string
  readonly lines: number
  readonly amount: string
  readonly cost: string
}

/** Calls of the ledger that no page says the type of. */
export interface UncomparedCalls
  extends LedgerShare,
    Pick<LedgerCall, "model" | "task" | "size" | "quality"> {
  readonly day: string
}

export interface Reconciliation {
  /** The days that the bill has image lines of; undefined → none, and nothing was compared. */
  readonly days?: { readonly from: string; readonly to: string }
  /** In US dollars. */
  readonly billMicroUsd: number
  readonly ledgerMicroUsd: number
  /** Days and types that agree. */
  readonly agreed: number
  readonly differences: readonly Difference[]
  /** Of types that we know, in another currency; not in `billMicroUsd`. */
  readonly otherCurrencies: readonly UncomparedLines[]
  /** Of other types; not in `billMicroUsd`. */
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

const uncompared = ({ amount, cost, ...line }: BillLine): UncomparedLines => ({
  ...line,
  amount: decimalText(amount),
  cost: decimalText(cost),
})

/**
 * Compares the ledger with an AWS Cost and Usage Report 2.0 in CSV, by UTC day and usage type, over the days that the report has images of. What
 * cannot be compared is listed, never guessed. Throws `invalid_request` where the CSV is no such report.
 *
 * @example
 * const { differences } = await reconcile(ledger, createReadStream("cost-and-usage.csv"))
 */
export const reconcile = async (
  ledger: DurableLedger,
  csv: string | AsyncIterable<string | Uint8Array>,
): Promise<Reconciliation> => {
  const bill = await readBill(csv)
  const listed = {
    otherCurrencies: bill.otherCurrencies.map(uncompared),
    unmatchedLines: bill.unmatched.map(uncompared),
  }
  const days = [...bill.compared, ...bill.otherCurrencies]
    .map(({ day }) => day)
    .toSorted((first, second) => (first < second ? -1 : 1))
  const [from, to] = [days[0], days.at(-1)]
  if (from === undefined || to === undefined)
    return {
      billMicroUsd: 0,
      ledgerMicroUsd: 0,
      agreed: 0,
      differences: [],
      ...listed,
      unmatchedCalls: [],
    }
  const { shares, unmatchedCalls } = await sharesOf(ledger, from, to)
  return { days: { from, to }, ...compare(bill, shares), ...listed, unmatchedCalls }
}

const nameOf = (day: string, usageType: string): string => `${day} ${usageType}`

const sharesOf = async (ledger: DurableLedger, from: string, to: string) => {
  const shares = new Map<string, LedgerShare>()
  const others = new Map<string, UncomparedCalls>()
  const afterMs = Date.parse(to) + dayMs
  for await (const call of ledger.calls({ from, to: new Date(afterMs).toISOString() })) {
    if (call.state === "reserved" || call.state === "released") continue
    const [day, usageType] = [call.time.slice(0, 10), usageTypeOf(call)]
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

const compare = ({ compared }: Bill, shares: ReadonlyMap<string, LedgerShare>) => {
  const billed = new Map(
    compared.map((line) => [
      nameOf(line.day, line.usageType),
      { images: Number(decimalText(line.amount)), microUsd: roundDecimal(line.cost, microPlaces) },
    ]),
  )
  const names = [...new Set([...billed.keys(), ...shares.keys()])].toSorted((first, second) =>
    first < second ? -1 : 1,
  )
  const all = names.map((name): Difference => {
    const [day = "", usageType = ""] = name.split(" ")
    const [ledger, bill] = [
      shares.get(name) ?? nothing,
      billed.get(name) ?? { images: 0, microUsd: 0 },
    ]
    return { day, usageType, ledger, bill, microUsd: bill.microUsd - ledger.microUsd }
  })
  const differences = all.filter(
    ({ microUsd, ledger, bill }) => microUsd !== 0 || ledger.images !== bill.images,
  )
  return {
    billMicroUsd: all.reduce((sum, { bill }) => sum + bill.microUsd, 0),
    ledgerMicroUsd: all.reduce((sum, { ledger }) => sum + ledger.microUsd, 0),
    agreed: all.length - differences.length,
    differences,
  }
}
