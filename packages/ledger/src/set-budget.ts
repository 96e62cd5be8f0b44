import type { Budget, Scope } from "@pictor/core"
import { type Budgets, bucketOf, placeBudget, plus, type Sums, zero } from "@pictor/core/ledger"
import { type Expression, type ExpressionBuilder, type SqlBool, sql } from "kysely"
import { fromSumColumns, toSumColumns } from "./calls.ts"
import type { Database, Dialect, Engine } from "./engine.ts"
import { addTallies } from "./save.ts"
import type { SumColumns, Tables } from "./tables.ts"
import { transact } from "./transaction.ts"

type Calls = ExpressionBuilder<Tables, "pictor_call">

/**
 * Puts a budget in place of the one with its scope and window; of a new one, what was spent before counts, as far back as `sinceMs`. Nobody else
 * writes meanwhile.
 */
export const saveBudget = (
  engine: Engine,
  budget: Budget,
  nowMs: number,
  sinceMs: number,
): Promise<void> => {
  const { scope, windowName } = namesOf(budget)
  const named = {
    scope,
    window_name: windowName,
    rolling_ms: typeof budget.window === "object" ? budget.window.rollingMs : null,
  }
  const definition = JSON.stringify(budget)
  return transact(engine, "budgets", async (connection) => {
    const ids = await connection
      .selectFrom("pictor_budget")
      .select(["id", "scope", "window_name"])
      .execute()
    const there = ids.find((each) => each.scope === scope && each.window_name === windowName)
    if (there) {
      const update = connection
        .updateTable("pictor_budget")
        .set({ definition })
        .where("id", "=", there.id)
      return { out: undefined, writes: [() => update.execute()] }
    }
    const id = ids.reduce((last, each) => Math.max(last, each.id), 0) + 1
    await connection
      .insertInto("pictor_budget")
      .values({ id, ...named, definition })
      .execute()
    const tallies = [...(await spentBefore(connection, engine.dialect, budget, { nowMs, sinceMs }))]
    const records = tallies.map(([bucket, sums]) => ({
      budget_id: id,
      bucket,
      calls: sums.calls,
      ...toSumColumns(sums),
    }))
    return {
      out: undefined,
      writes: records.length > 0 ? [() => addTallies(connection, engine, records)] : [],
    }
  })
}

/** Throws `invalid_request` where the budget cannot be kept. */
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
  { tag }: Dialect,
  { scope, window }: Budget,
  { nowMs, sinceMs }: Times,
): Promise<ReadonlyMap<number, Sums>> => {
  const rollingMs = typeof window === "object" ? window.rollingMs : undefined
  // As long as the window and the part of a bucket before it.
  const fromMs =
    rollingMs === undefined
      ? window === "total"
        ? 0
        : bucketOf(window, nowMs)
      : Math.floor(nowMs - rollingMs * (61 / 60))
  const rows = await connection
    .selectFrom("pictor_call")
    .select((eb) => [
      part(rollingMs).as("part"),
      eb.cast<number>(eb.fn.countAll(), "bigint").as("calls"),
      sum(eb, "images").as("images"),
      sum(eb, "micro_usd").as("micro_usd"),
      sum(eb, "maybe_micro_usd").as("maybe_micro_usd"),
      sum(eb, "unknown_images").as("unknown_images"),
      sum(eb, "reserved_micro_usd").as("reserved_micro_usd"),
      sum(eb, "reserved_images").as("reserved_images"),
    ])
    .where((eb) => inScope(eb, scope, tag))
    .where("time_ms", ">=", Math.max(fromMs, sinceMs))
    .groupBy("part")
    .execute()
  const tallies = new Map<number, Sums>()
  for (const { part: each, calls, ...sums } of rows) {
    const bucket = typeof each === "string" ? bucketOf(window, Date.parse(each)) : each
    tallies.set(bucket, plus(tallies.get(bucket) ?? zero, fromSumColumns(calls, sums)))
  }
  return tallies
}

const sum = (eb: Calls, column: keyof SumColumns) => eb.cast<number>(eb.fn.sum(column), "bigint")

/** A day, or a rolling window's bucket, divided in doubles as core does. */
const part = (rollingMs: number | undefined) =>
  rollingMs === undefined
    ? sql<number | string>`day`
    : sql<
        number | string
      >`cast(floor(cast(time_ms * 60 as double precision) / cast(${rollingMs} as double precision)) as bigint)`

const inScope = (eb: Calls, scope: Scope, tag: Dialect["tag"]): Expression<SqlBool> => {
  if ("everything" in scope) return eb.lit(true)
  if ("key" in scope) return eb("account_key", "=", scope.key)
  if ("user" in scope) return eb("account_user", "=", scope.user)
  if ("team" in scope) return eb("account_team", "=", scope.team)
  if ("model" in scope) return eb("model", "=", scope.model)
  // "a=b" is a tag a of value b, or one named a=b.
  const places = [...scope.tag.matchAll(/=/g)].map(({ index }) => index)
  const named = sql<boolean>`${tag(eb.ref("tags"), scope.tag)} is not null`
  return eb.or([
    named,
    ...places.map(
      (place) =>
        sql<boolean>`${tag(eb.ref("tags"), scope.tag.slice(0, place))} = ${scope.tag.slice(place + 1)}`,
    ),
  ])
}
