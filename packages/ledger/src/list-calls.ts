import type { Account, Cost, SpendQuery, Task, Units } from "@pictor/core"
import type { RowState } from "@pictor/core/ledger"
import { sql } from "kysely"
import { type Engine, requestTagName } from "./engine.ts"
import { callsWhere } from "./spend.ts"
import type { CallTable } from "./tables.ts"
import { retry } from "./transactions.ts"

export interface LedgerCall {
  readonly id: string
  /** ISO time of the reservation. */
  readonly time: string
  /** ISO time of the last change of state; absent while the call is reserved. */
  readonly endTime?: string
  readonly model: string
  /** The vendor; absent for calls that were recorded before it was. */
  readonly provider?: string
  readonly task: Task
  readonly state: RowState
  readonly account: Account
  readonly tags: Readonly<Record<string, string>>
  readonly size?: string
  readonly quality?: string
  /** Source of the price row. */
  readonly price?: string
  readonly seed?: number
  readonly ordered: number
  /** The price if every image is delivered. */
  readonly estimate: Cost
  /** As `spend` counts it: zero while the call is reserved and after it is released. */
  readonly images: number
  readonly cost: Cost
  /** Given by the provider. */
  readonly requestId?: string
  /** What the provider counted. */
  readonly usage?: Units
  /** The upper bound was charged, because the price of the reply is unknown. */
  readonly estimated?: true
}

/** Selects the calls that match every property. */
export interface CallQuery extends Pick<SpendQuery, "from" | "to">, Account {
  readonly id?: string
  /** Tags by name. No index covers them: narrow the time to keep the query fast. */
  readonly tags?: Readonly<Record<string, string>>
}

/** Few enough that reading one leaves room for requests. */
const pageRows = 250

/** The calls that match a query, earliest first, read in pages. */
export async function* listCalls(
  engine: Engine,
  query: CallQuery,
  waitMs: number,
): AsyncGenerator<LedgerCall> {
  let last: Pick<CallTable, "time_ms" | "id"> | undefined = { time_ms: -1, id: "" }
  while (last) {
    const after: Pick<CallTable, "time_ms" | "id"> = last
    const rows: readonly CallTable[] = await retry(engine, performance.now() + waitMs, () =>
      readPage(engine, query, after),
    )
    for (const row of rows) yield toLedgerCall(row)
    last = rows.length < pageRows ? undefined : rows.at(-1)
  }
}

const readPage = async (
  { reports, dialect }: Engine,
  query: CallQuery,
  after: Pick<CallTable, "time_ms" | "id">,
): Promise<readonly CallTable[]> => {
  const { id, tags = {} } = query
  // A request has few calls: an expression keeps SQLite from reading all of them by time.
  const time = requestTagName in tags ? sql`time_ms + 0` : sql`time_ms`
  const condition = callsWhere(
    query,
    ...(id === undefined ? [] : [sql`id = ${id}`]),
    ...Object.entries(tags).map(([name, value]) => sql`${dialect.tag(name)} = ${value}`),
    sql`(${time}, id) > (${after.time_ms}, ${after.id})`,
  )
  const { rows } = await sql<CallTable>`
    select * from pictor_call where ${condition}
    order by ${time}, id limit ${sql.lit(pageRows)}`.execute(reports)
  return rows
}

const toLedgerCall = (row: CallTable): LedgerCall => ({
  id: row.id,
  time: new Date(row.time_ms).toISOString(),
  ...(row.ended_ms !== null && { endTime: new Date(row.ended_ms).toISOString() }),
  model: row.model,
  ...(row.provider !== null && { provider: row.provider }),
  task: row.task as Task,
  state: row.state,
  account: {
    ...(row.account_key !== null && { key: row.account_key }),
    ...(row.account_user !== null && { user: row.account_user }),
    ...(row.account_team !== null && { team: row.account_team }),
    ...(row.end_user !== null && { endUser: row.end_user }),
  },
  tags: JSON.parse(row.tags) as Record<string, string>,
  ...(row.size !== null && { size: row.size }),
  ...(row.quality !== null && { quality: row.quality }),
  ...(row.price !== null && { price: row.price }),
  ...(row.seed !== null && { seed: row.seed }),
  ordered: row.ordered,
  estimate: {
    microUsd: row.estimate_micro_usd,
    maybeMicroUsd: row.estimate_maybe_micro_usd,
    unpricedImages: row.estimate_unknown_images,
  },
  images: row.images,
  cost: {
    microUsd: row.micro_usd,
    maybeMicroUsd: row.maybe_micro_usd,
    unpricedImages: row.unknown_images,
  },
  ...(row.request_id !== null && { requestId: row.request_id }),
  ...(row.usage !== null && { usage: JSON.parse(row.usage) as Units }),
  ...(row.estimated !== null && { estimated: true as const }),
})
