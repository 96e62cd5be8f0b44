import { Readable } from "node:stream"
import { ImageError } from "@pictor/core"
import { invalid } from "@pictor/core/ledger"
import { CsvError, parse } from "csv-parse"
import { addDecimals, type Decimal, readDecimal } from "./decimal.ts"
import { readUsageType } from "./usage-type.ts"

/** Lines of a bill that are alike. */
export interface BillLine {
  /** UTC. */
  readonly day: string
  /** As the bill has it, with the region's prefix; in `compared`, ours. */
  readonly usageType: string
  readonly region: string
  readonly currency: string
  readonly lines: number
  /** In the bill's own unit, images where they are images. */
  readonly amount: Decimal
  readonly cost: Decimal
}

export interface Bill {
  /** In US dollars, of a type that we know; one per day and type. */
  readonly compared: readonly BillLine[]
  readonly otherCurrencies: readonly BillLine[]
  readonly unmatched: readonly BillLine[]
}

/** https://docs.aws.amazon.com/cur/latest/userguide/table-dictionary-cur2-line-item.html, seen 2026-11-20 */
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
      `The bill has no column ${missing.join(", ")}; export it as Cost and Usage Report 2.0 in CSV.`,
    )
  return [...header]
}

const dayOf = (start: string): string | undefined => /^\d{4}-\d{2}-\d{2}(?=$|[T ])/.exec(start)?.[0]

const add = (groups: Map<string, BillLine>, line: BillLine): void => {
  const name = JSON.stringify([line.day, line.usageType, line.region, line.currency])
  const like = groups.get(name)
  const sum = like && {
    lines: like.lines + line.lines,
    amount: addDecimals(like.amount, line.amount),
    cost: addDecimals(like.cost, line.cost),
  }
  groups.set(name, { ...line, ...sum })
}

const inOrder = (groups: ReadonlyMap<string, BillLine>): readonly BillLine[] =>
  [...groups].toSorted(([first], [second]) => (first < second ? -1 : 1)).map(([, line]) => line)

/** Reads a Cost and Usage Report, adding up as it goes. Throws `invalid_request` where it is none. */
export const readBill = async (csv: string | AsyncIterable<string | Uint8Array>): Promise<Bill> => {
  const [compared, otherCurrencies, unmatched] = [
    new Map<string, BillLine>(),
    new Map<string, BillLine>(),
    new Map<string, BillLine>(),
  ]
  for await (const line of linesOf(csv)) {
    const [day, amount, cost] = [
      dayOf(line[columns.start]),
      readDecimal(line[columns.amount]),
      readDecimal(line[columns.cost]),
    ]
    const known = {
      usageType: line[columns.type],
      region: line[columns.region],
      currency: line[columns.currency],
      lines: 1,
    }
    if (day === undefined || !amount || !cost)
      throw invalid(
        `The bill has a line of type ${known.usageType} whose date, amount or cost cannot be read; export it anew.`,
      )
    const usageType = readUsageType(known.usageType)
    if (usageType === undefined) add(unmatched, { ...known, day, amount, cost })
    else if (known.currency !== "USD") add(otherCurrencies, { ...known, day, amount, cost })
    else add(compared, { ...known, day, usageType, region: "", amount, cost })
  }
  return {
    compared: inOrder(compared),
    otherCurrencies: inOrder(otherCurrencies),
    unmatched: inOrder(unmatched),
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
      message: "The bill is no CSV that can be read to its end; export it anew.",
      cause: error,
    })
  } finally {
    source.destroy()
  }
}
