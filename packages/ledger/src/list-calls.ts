import type { Account, Cost, SpendQuery, Task } from "@pictor/core"
import type { RowState } from "@pictor/core/ledger"
import { type Expression, type Selectable, type SqlBool, sql } from "kysely"
import type { Engine } from "./engine.ts"
import { checkTexts } from "./operations.ts"
import { type Calls, ownedBy, within } from "./spend.ts"
import type { CallTable } from "./tables.ts"
import { patiently } from "./transaction.ts"

/** One provider call, as the ledger has it now. */
export interface LedgerCall {
  readonly id: string
  /** ISO time of the reservation. */
  readonly time: string
  readonly model: string
  readonly task: Task
  readonly state: RowState
  readonly account: Account
  readonly tags: Readonly<Record<string, string>>
  readonly size?: string
  readonly quality?: string
  /** The price row's source. */
  readonly price?: string
  readonly seed?: number
  readonly ordered: number
  /** The whole price if every image is delivered. */
  readonly estimate: Cost
  /** As `spend` counts it: nothing while it is reserved, and nothing once it is released. */
  readonly images: number
  readonly cost: Cost
  /** The provider's. */
  readonly requestId?: string
}

/** Which calls: those to which all of it applies. */
export interface CallQuery extends Pick<SpendQuery, "from" | "to">, Account {
  readonly id?: string
  /** Tags that they have, by name; looked for among all calls of the time. */
  readonly tags?: Readonly<Record<string, string>>
}

const pageRows = 1000

/** The conditions of a query, besides its time. */
const matching = (eb: Calls, query: CallQuery, { dialect }: Engine): Expression<SqlBool> => {
  const { id, tags = {} } = query
  checkTexts(id, ...Object.entries(tags).flat())
  const tagged = Object.entries(tags).map(
    ([name, value]) => sql<SqlBool>`${dialect.tag(eb.ref("tags"), name)} = ${value}`,
  )
  return eb.and([ownedBy(eb, query), ...(id === undefined ? [] : [eb("id", "=", id)]), ...tagged])
}

type Place = Pick<Selectable<CallTable>, "time_ms" | "id">

const page = (engine: Engine, query: CallQuery, after: Place) =>
  engine.reader
    .selectFrom("pictor_call")
    .selectAll()
    .where((eb) => within(eb, query))
    .where((eb) => matching(eb, query, engine))
    .where(sql<boolean>`(time_ms, id) > (${after.time_ms}, ${after.id})`)
    .orderBy("time_ms")
    .orderBy("id")
    .limit(pageRows)
    .execute()

/** The calls that a query asks for, the earliest first; a page at a time, however many there are. */
export async function* listCalls(
  engine: Engine,
  query: CallQuery,
  waitMs: number,
): AsyncGenerator<LedgerCall> {
  let after: Place | undefined = { time_ms: -1, id: "" }
  while (after) {
    const from: Place = after
    const rows: Selectable<CallTable>[] = await patiently(engine, performance.now() + waitMs, () =>
      page(engine, query, from),
    )
    for (const row of rows) yield toLedgerCall(row)
    after = rows.length < pageRows ? undefined : rows.at(-1)
  }
}

const toLedgerCall = (row: Selectable<CallTable>): LedgerCall => ({
  id: row.id,
  time: new Date(row.time_ms).toISOString(),
  model: row.model,
  task: row.task as Task,
  state: row.state,
  account: {
    ...(row.account_key !== null && { key: row.account_key }),
    ...(row.account_user !== null && { user: row.account_user }),
    ...(row.account_team !== null && { team: row.account_team }),
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
})
