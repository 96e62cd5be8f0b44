import { Readable } from "node:stream"
import { ImageError } from "@pictor/core"
import { invalid } from "@pictor/core/ledger"
import { CsvError, parse } from "csv-parse"
import { addDecimals, type Decimal, readDecimal } from "./decimal.ts"
import { readUsageType } from "./usage-type.ts"

/** Invoice lines of the same day, type, region and currency, added up. */
export interface InvoiceLine {
  /** UTC. */
  readonly day: string
  /** The invoice's, with a prefix for the region; in `compared`, without it. */
  readonly usageType: string
  readonly region: string
  readonly currency: string
  readonly lines: number
  /** In the unit of the usage type: images for an image model. */
  readonly amount: Decimal
  readonly cost: Decimal
}

export interface InvoiceTotals {
  /** In US dollars, of a known usage type; one per day and type. */
  readonly compared: readonly InvoiceLine[]
  readonly otherCurrencies: readonly InvoiceLine[]
  readonly unmatched: readonly InvoiceLine[]
}

/**
 * https://docs.aws.amazon.com/cur/latest/userguide/table-dictionary-cur2-line-item.html, seen
 * 2026-11-20
 */
const columns = {
  start: "line_item_usage_start_date",
  type: "line_item_usage_type",
  amount: "line_item_usage_amount",
  cost: "line_item_unblended_cost",
  currency: "line_item_currency_code",
  region: "product_region_code",
} as const

type Line = Readonly<Record<(typeof columns)[keyof typeof columns], string>>

const checkHeader = (header: readonly string[]): string[] => {
  const missing = Object.values(columns).filter((name) => !header.includes(name))
  if (missing.length > 0)
    throw invalid(
      `The invoice lacks the columns ${missing.join(", ")}; export a Cost and Usage Report 2.0 in CSV.`,
    )
  return [...header]
}

const dayOf = (start: string): string | undefined => /^\d{4}-\d{2}-\d{2}(?=$|[T ])/.exec(start)?.[0]

const add = (groups: Map<string, InvoiceLine>, line: InvoiceLine): void => {
  const name = JSON.stringify([line.day, line.usageType, line.region, line.currency])
  const earlier = groups.get(name)
  const sum = earlier && {
    lines: earlier.lines + line.lines,
    amount: addDecimals(earlier.amount, line.amount),
    cost: addDecimals(earlier.cost, line.cost),
  }
  groups.set(name, { ...line, ...sum })
}

const sorted = (groups: ReadonlyMap<string, InvoiceLine>): readonly InvoiceLine[] =>
  [...groups].toSorted(([first], [second]) => (first < second ? -1 : 1)).map(([, line]) => line)

/** Reads and adds up a Cost and Usage Report. Throws `invalid_request` for any other CSV. */
export const readInvoiceTotals = async (
  csv: string | AsyncIterable<string | Uint8Array>,
): Promise<InvoiceTotals> => {
  const compared = new Map<string, InvoiceLine>()
  const otherCurrencies = new Map<string, InvoiceLine>()
  const unmatched = new Map<string, InvoiceLine>()
  for await (const line of linesOf(csv)) {
    const day = dayOf(line[columns.start])
    const amount = readDecimal(line[columns.amount])
    const cost = readDecimal(line[columns.cost])
    const known = {
      usageType: line[columns.type],
      region: line[columns.region],
      currency: line[columns.currency],
      lines: 1,
    }
    if (day === undefined || !amount || !cost)
      throw invalid(
        `The invoice has a line of type ${known.usageType} with an invalid date, amount or cost; export it again.`,
      )
    const usageType = readUsageType(known.usageType)
    if (usageType === undefined) add(unmatched, { ...known, day, amount, cost })
    else if (known.currency !== "USD") add(otherCurrencies, { ...known, day, amount, cost })
    else add(compared, { ...known, day, usageType, region: "", amount, cost })
  }
  return {
    compared: sorted(compared),
    otherCurrencies: sorted(otherCurrencies),
    unmatched: sorted(unmatched),
  }
}

async function* linesOf(csv: string | AsyncIterable<string | Uint8Array>): AsyncGenerator<Line> {
  const parser = parse({ bom: true, columns: checkHeader, skip_empty_lines: true })
  const source = Readable.from(typeof csv === "string" ? [csv] : csv)
  source.on("error", (error) => parser.destroy(error))
  try {
    for await (const line of source.pipe(parser)) yield line as Line
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    throw new ImageError({
      code: "invalid_request",
      message: "The invoice is not valid CSV or is incomplete; export it again.",
      cause: error,
    })
  } finally {
    source.destroy()
  }
}
