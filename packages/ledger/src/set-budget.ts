import type { Budget, Scope } from "@pictor/core"
import { type Budgets, bucketOf, placeBudget, plus, type Sums, zero } from "@pictor/core/ledger"
import { type RawBuilder, sql } from "kysely"
import type { Database, Dialect, Engine } from "./engine.ts"
import { toSums } from "./load.ts"
import { addTallies, toTally } from "./save.ts"
import type { BudgetTable, SumColumns } from "./tables.ts"
import { transact } from "./transactions.ts"

/**
 * Replaces the budget of the same scope and window. A new budget counts what was spent before, as
 * far back as `sinceMs`; nothing else writes meanwhile.
 */
export const saveBudget = (
  engine: Engine,
  budget: Budget,
  nowMs: number,
  sinceMs: number,
): Promise<void> => {
  const { scope, windowName } = namesOf(budget)
  const rollingMs = typeof budget.window === "object" ? budget.window.rollingMs : null
  const definition = JSON.stringify(budget)
  return transact(engine, "budgets", async (connection) => {
    const { rows: existing } = await sql`
      update pictor_budget set definition = ${definition}
      where scope = ${scope} and window_name = ${windowName}
      returning id`.execute(connection)
    if (existing.length > 0) return { out: undefined, writes: [] }
    const { rows: inserted } = await sql<Pick<BudgetTable, "id">>`
      insert into pictor_budget (id, scope, window_name, rolling_ms, definition)
      select max(id) + 1, ${scope}, ${windowName}, cast(${rollingMs} as double precision),
        ${definition}
      from pictor_budget
      returning id`.execute(connection)
    const id = inserted[0]?.id ?? 0
    const tallies = await spentBefore(connection, engine.dialect, budget, { nowMs, sinceMs })
    const records = [...tallies].map(([bucket, sums]) => toTally(id, bucket, sums))
    if (records.length > 0) await addTallies(connection, engine, records)
    return { out: undefined, writes: [] }
  })
}

/** Core's names of a budget's scope and window. Throws `invalid_request` for an invalid budget. */
const namesOf = (budget: Budget): { readonly scope: string; readonly windowName: string } => {
  const placed: Budgets = new Map()
  placeBudget(placed, budget, [])
  const [scope = "", windows = new Map<string, unknown>()] = [...placed][0] ?? []
  return { scope, windowName: String([...windows.keys()][0]) }
}

interface Times {
  readonly nowMs: number
  readonly sinceMs: number
}

const spentBefore = async (
  connection: Database,
  dialect: Dialect,
  { scope, window }: Budget,
  { nowMs, sinceMs }: Times,
): Promise<ReadonlyMap<number, Sums>> => {
  // A rolling window's bucket, divided in doubles as core does.
  const time =
    typeof window === "object"
      ? sql`cast(floor(cast(time_ms * 60 as double precision) / cast(${window.rollingMs} as double precision)) as bigint)`
      : sql`day`
  const { rows } = await sql<CallSums>`
    select ${time} as time,
      cast(count(*) as bigint) as calls,
      cast(sum(images) as bigint) as images,
      cast(sum(micro_usd) as bigint) as micro_usd,
      cast(sum(maybe_micro_usd) as bigint) as maybe_micro_usd,
      cast(sum(unknown_images) as bigint) as unknown_images,
      cast(sum(reserved_micro_usd) as bigint) as reserved_micro_usd,
      cast(sum(reserved_images) as bigint) as reserved_images
    from pictor_call
    where time_ms >= ${Math.max(sinceMs, windowStart(window, nowMs))}
      and ${inScope(scope, dialect)}
    group by 1`.execute(connection)
  const tallies = new Map<number, Sums>()
  for (const { time: each, calls, ...sums } of rows) {
    const bucket = typeof each === "string" ? bucketOf(window, Date.parse(each)) : each
    tallies.set(bucket, plus(tallies.get(bucket) ?? zero, toSums(calls, sums)))
  }
  return tallies
}

/** When the oldest call that counts may have been reserved. */
const windowStart = (window: Budget["window"], nowMs: number): number => {
  if (window === "total") return 0
  // The oldest bucket of a rolling window begins before the window does.
  return typeof window === "object"
    ? Math.floor(nowMs - window.rollingMs * (61 / 60))
    : bucketOf(window, nowMs)
}

interface CallSums extends SumColumns {
  readonly time: number | string
  readonly calls: number
}

const inScope = (scope: Scope, { tag }: Dialect): RawBuilder<unknown> => {
  if ("everything" in scope) return sql`true`
  if ("key" in scope) return sql`account_key = ${scope.key}`
  if ("user" in scope) return sql`account_user = ${scope.user}`
  if ("team" in scope) return sql`account_team = ${scope.team}`
  if ("endUser" in scope) return sql`end_user = ${scope.endUser}`
  if ("model" in scope) return sql`model = ${scope.model}`
  const isCounted = (name: string) => sql`${tag(name, "client_tags")} is null`
  // "a=b" is a tag a of value b, or any tag that is named "a=b".
  const equals = [...scope.tag.matchAll(/=/g)].map(({ index }) => {
    const name = scope.tag.slice(0, index)
    return sql`(${tag(name)} = ${scope.tag.slice(index + 1)} and ${isCounted(name)})`
  })
  const named = sql`(${tag(scope.tag)} is not null and ${isCounted(scope.tag)})`
  return sql`(${sql.join([named, ...equals], sql` or `)})`
}
