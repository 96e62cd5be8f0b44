import type { Account, SpendKey, SpendQuery, SpendRow } from "@pictor/core"
import { invalid } from "@pictor/core/ledger"
import { type RawBuilder, sql } from "kysely"
import type { Dialect, Engine } from "./engine.ts"

type PlainKey = Exclude<SpendKey, `tag:${string}`>

const columns: Readonly<Record<PlainKey, string>> = {
  model: "model",
  provider: "provider",
  task: "task",
  day: "day",
  month: "substr(day, 1, 7)",
  key: "account_key",
  user: "account_user",
  team: "account_team",
  endUser: "end_user",
  state: "state",
}

export const timeOf = (text: string): number => {
  const timeMs = Date.parse(text)
  if (Number.isNaN(timeMs))
    throw invalid('"from" and "to" must be ISO times, such as "2026-11-01T00:00:00Z".')
  return timeMs
}

/** The SQL condition for the calls of a time and an account; `to` is exclusive. */
export const callsWhere = (
  { from, to, key, user, team, endUser }: Pick<SpendQuery, "from" | "to"> & Account,
  ...more: readonly RawBuilder<unknown>[]
): RawBuilder<unknown> => {
  const conditions = [
    from !== undefined && sql`time_ms >= ${timeOf(from)}`,
    to !== undefined && sql`time_ms < ${timeOf(to)}`,
    key !== undefined && sql`account_key = ${key}`,
    user !== undefined && sql`account_user = ${user}`,
    team !== undefined && sql`account_team = ${team}`,
    endUser !== undefined && sql`end_user = ${endUser}`,
    ...more,
  ]
  return sql.join([sql`true`, ...conditions.filter((each) => each !== false)], sql` and `)
}

const groupColumn = (key: SpendKey, { tag }: Dialect): RawBuilder<unknown> => {
  if (key.startsWith("tag:")) return tag(key.slice("tag:".length))
  const column = columns[key as PlainKey]
  if (column === undefined)
    throw invalid(`"by" has ${key}; use ${Object.keys(columns).join(", ")} or tag:<name>.`)
  return sql.raw(column)
}

type SpendColumns = Readonly<Record<string, string | number | null>>

/** What was spent, by group, in the order of the groups. */
export const querySpend = async (
  { reports, dialect }: Engine,
  query: SpendQuery & Account,
): Promise<readonly SpendRow[]> => {
  const { by = [] } = query
  const groups = by.map((key, index) => [key, `group_${index}`] as const)
  const selected = groups.map(
    ([key, name]) => sql`${groupColumn(key, dialect)} as ${sql.ref(name)},`,
  )
  const grouping = sql`group by ${sql.join(groups.map(([, name]) => sql.ref(name)))}`
  const { rows } = await sql<SpendColumns>`
    select ${sql.join(selected, sql` `)}
      cast(count(*) as bigint) as calls,
      cast(sum(images) as bigint) as images,
      cast(sum(micro_usd) as bigint) as micro_usd,
      cast(sum(maybe_micro_usd) as bigint) as maybe_micro_usd,
      cast(sum(unknown_images) as bigint) as unknown_images
    from pictor_call
    where ${callsWhere(query)}
    ${groups.length > 0 ? grouping : sql``}
    having count(*) > 0`.execute(reports)
  return rows
    .map((row) => toSpendRow(groups, row))
    .toSorted((first, second) =>
      JSON.stringify(first.group) < JSON.stringify(second.group) ? -1 : 1,
    )
}

const toSpendRow = (
  groups: readonly (readonly [key: SpendKey, name: string])[],
  row: SpendColumns,
): SpendRow => {
  const group = groups.flatMap(([key, name]) => (row[name] === null ? [] : [[key, row[name]]]))
  const number = (column: string): number => {
    const value = Number(row[column])
    if (Number.isSafeInteger(value)) return value
    throw invalid(
      'The sums of this query exceed 9,007,199,254,740,991; narrow it with "from", "to" and "by".',
    )
  }
  return {
    group: Object.fromEntries(group) as SpendRow["group"],
    calls: number("calls"),
    images: number("images"),
    microUsd: number("micro_usd"),
    maybeMicroUsd: number("maybe_micro_usd"),
    unpricedImages: number("unknown_images"),
  }
}
