import type { SpendQuery, SpendRow } from "@pictor/core"
import { stringify } from "csv-stringify/sync"
import type { LedgerCall } from "./list-calls.ts"
import type { DurableLedger } from "./open-ledger.ts"

const chunkLines = 500

type Cell = string | number | undefined

const callColumns: Readonly<Record<string, (call: LedgerCall) => Cell>> = {
  id: ({ id }) => id,
  time: ({ time }) => time,
  model: ({ model }) => model,
  task: ({ task }) => task,
  state: ({ state }) => state,
  key: ({ account }) => account.key,
  user: ({ account }) => account.user,
  team: ({ account }) => account.team,
  endUser: ({ account }) => account.endUser,
  tags: ({ tags }) => JSON.stringify(tags),
  size: ({ size }) => size,
  quality: ({ quality }) => quality,
  price: ({ price }) => price,
  seed: ({ seed }) => seed,
  ordered: ({ ordered }) => ordered,
  estimateMicroUsd: ({ estimate }) => estimate.microUsd + estimate.maybeMicroUsd,
  estimateUnknownImages: ({ estimate }) => estimate.unpricedImages,
  images: ({ images }) => images,
  microUsd: ({ cost }) => cost.microUsd,
  maybeMicroUsd: ({ cost }) => cost.maybeMicroUsd,
  unpricedImages: ({ cost }) => cost.unpricedImages,
  requestId: ({ requestId }) => requestId,
  provider: ({ provider }) => provider,
  usage: ({ usage }) => usage && JSON.stringify(usage),
  estimated: ({ estimated }) => estimated && "true",
}

const spendColumns = ["calls", "images", "microUsd", "maybeMicroUsd", "unpricedImages"] as const

async function* chunks<Item>(
  items: AsyncIterable<Item> | Iterable<Item>,
): AsyncGenerator<readonly Item[]> {
  let chunk: Item[] = []
  for await (const item of items) {
    chunk.push(item)
    if (chunk.length < chunkLines) continue
    yield chunk
    chunk = []
  }
  if (chunk.length > 0) yield chunk
}

// A spreadsheet would run a tag that begins with "=" as a formula.
const toCsv = (records: readonly (readonly Cell[])[]): string =>
  stringify(records as Cell[][], { escape_formulas: true })

const spendCells =
  (by: NonNullable<SpendQuery["by"]>) =>
  (row: SpendRow): readonly Cell[] => [
    ...by.map((key) => row.group[key]),
    ...spendColumns.map((name) => row[name]),
  ]

/**
 * CSV text in chunks, with a header. With `by` it has a line per group, otherwise a line per
 * provider call. Memory use does not grow with the number of calls.
 *
 * @example
 * const november = exportCsv(ledger, { from: "2026-11-01", to: "2026-12-01" })
 * await pipeline(november, createWriteStream("november.csv"))
 */
export async function* exportCsv(
  ledger: DurableLedger,
  query: SpendQuery = {},
): AsyncGenerator<string> {
  const { by, ...time } = query
  if (by) {
    yield toCsv([[...by, ...spendColumns]])
    for await (const rows of chunks(await ledger.spend(query)))
      yield toCsv(rows.map(spendCells(by)))
    return
  }
  yield toCsv([Object.keys(callColumns)])
  const cells = Object.values(callColumns)
  for await (const calls of chunks(ledger.calls(time)))
    yield toCsv(calls.map((call) => cells.map((cell) => cell(call))))
}

/**
 * JSON Lines text in chunks. With `by` it has a {@link SpendRow} per group, otherwise a {@link
 * LedgerCall} per provider call. Memory use does not grow with the number of calls.
 */
export async function* exportJsonLines(
  ledger: DurableLedger,
  query: SpendQuery = {},
): AsyncGenerator<string> {
  const { by, ...time } = query
  const items: AsyncIterable<object> | Iterable<object> = by
    ? await ledger.spend(query)
    : ledger.calls(time)
  for await (const chunk of chunks(items))
    yield chunk.map((item) => `${JSON.stringify(item)}\n`).join("")
}
