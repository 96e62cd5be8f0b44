import type { Account, SpendKey, SpendQuery, SpendRow } from "@pictor/core"
import { invalid } from "@pictor/core/ledger"
import { type Expression, type ExpressionBuilder, type SqlBool, sql } from "kysely"
import type { Dialect, Engine } from "./engine.ts"
import { checkTexts } from "./operations.ts"
import type { SumColumns, Tables } from "./tables.ts"

export type Calls = ExpressionBuilder<Tables, "pictor_call">

type PlainKey = Exclude<SpendKey, `tag:${string}`>

const columns: Readonly<Record<PlainKey, string>> = {
  model: "model",
  task: "task",
  day: "day",
  month: "substr(day, 1, 7)",
  key: "account_key",
  user: "account_user",
  team: "account_team",
  state: "state",
}

/** A time in milliseconds; throws `invalid_request` where it is none. */
export const timeOf = (text: string): number => {
  const timeMs = Date.parse(text)
  if (Number.isNaN(timeMs)) throw invalid('"from" and "to" are ISO times.')
  return timeMs
}

/** Rows that were reserved from `from` on and before `to`. */
export const within = (
  eb: Calls,
  { from, to }: Pick<SpendQuery, "from" | "to">,
): Expression<SqlBool> =>
  eb.and([
    ...(from === undefined ? [] : [eb("time_ms", ">=", timeOf(from))]),
    ...(to === undefined ? [] : [eb("time_ms", "<", timeOf(to))]),
  ])

const owners = { key: "account_key", user: "account_user", team: "account_team" } as const

/** Rows of the key, user and team, as far as they are named. */
export const ownedBy = (eb: Calls, account: Account): Expression<SqlBool> =>
  eb.and(
    Object.entries(owners).flatMap(([name, column]) => {
      const value = account[name as keyof typeof owners]
      checkTexts(value)
      return value === undefined ? [] : [eb(column, "=", value)]
    }),
  )

const groupColumn = (key: SpendKey, { tag }: Dialect): Expression<string | null> => {
  checkTexts(key)
  if (key.startsWith("tag:")) return tag(sql.ref("tags"), key.slice("tag:".length))
  const column = columns[key as PlainKey]
  if (column === undefined)
    throw invalid(`"by" is ${key}; take ${Object.keys(columns).join(", ")} or tag:<name>.`)
  return sql.raw(column)
}

const sum = (column: keyof SumColumns) => sql<number>`cast(sum(${sql.ref(column)}) as bigint)`

const exact = (value: number): number => {
  if (!Number.isSafeInteger(value))
    throw invalid(
      `The sums of this query pass ${Number.MAX_SAFE_INTEGER}; ask for less with "from", "to" and "by".`,
    )
  return value
}

/** What was spent, by group, in the order of the groups. */
export const querySpend = async (
  { reader, dialect }: Engine,
  query: SpendQuery & Account,
): Promise<readonly SpendRow[]> => {
  const { by = [], from, to } = query
  const groups = by.map((key, index) =>
    sql<string | null>`${groupColumn(key, dialect)}`.as(`group_${index}`),
  )
  const rows = await reader
    .selectFrom("pictor_call")
    .select(groups)
    .select([
      sql<number>`cast(count(*) as bigint)`.as("calls"),
      sum("images").as("images"),
      sum("micro_usd").as("micro_usd"),
      sum("maybe_micro_usd").as("maybe_micro_usd"),
      sum("unknown_images").as("unknown_images"),
    ])
    .where((eb) =>
      within(eb, { ...(from !== undefined && { from }), ...(to !== undefined && { to }) }),
    )
    .where((eb) => ownedBy(eb, query))
    .$if(by.length > 0, (grouped) =>
      grouped.groupBy(by.map((_, index) => sql.ref(`group_${index}`))),
    )
    .having(sql<boolean>`count(*) > 0`)
    .execute()
  return (rows as readonly Readonly<Record<string, string | number | null>>[])
    .map((row) => toSpendRow(by, row))
    .toSorted((first, second) =>
      JSON.stringify(first.group) < JSON.stringify(second.group) ? -1 : 1,
    )
}

const toSpendRow = (
  by: readonly SpendKey[],
  row: Readonly<Record<string, string | number | null>>,
): SpendRow => {
  const groups = by
    .map((key, index) => [key, row[`group_${index}`]] as const)
    .filter(([, value]) => value !== null)
  const number = (column: string): number => exact(Number(row[column]))
  return {
    group: Object.fromEntries(groups) as SpendRow["group"],
    calls: number("calls"),
    images: number("images"),
    microUsd: number("micro_usd"),
    maybeMicroUsd: number("maybe_micro_usd"),
    unpricedImages: number("unknown_images"),
  }
}
