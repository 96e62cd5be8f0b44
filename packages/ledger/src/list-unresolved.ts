import type { UnresolvedQuery, UnresolvedRow } from "@pictor/core"
import { toUnresolved, unresolvedPage } from "@pictor/core/ledger"
import { sql } from "kysely"
import type { Engine } from "./engine.ts"
import { toRow } from "./load.ts"
import type { CallTable } from "./tables.ts"

/** A page of the sent calls without a verdict, in the order of their ids. */
export const listUnresolved = async (
  { reports }: Engine,
  { jobs = false, id, after = "" }: UnresolvedQuery,
): Promise<readonly UnresolvedRow[]> => {
  const isThis = id === undefined ? sql`` : sql`and id = ${id}`
  // Two lists, because an index covers each.
  const page = (states: string) => sql`
    select * from (
      select * from pictor_call where ${sql.raw(states)} and id > ${after} ${isThis}
      order by id limit ${sql.lit(unresolvedPage)}
    ) as listed`
  const ended = page("state in ('held', 'lapsed')")
  const pages = jobs ? sql`${ended} union all ${page("state = 'reserved' and sent = 1")}` : ended
  const { rows } = await sql<CallTable>`
    ${pages} order by id limit ${sql.lit(unresolvedPage)}`.execute(reports)
  return rows.map((call) => toUnresolved(toRow(call, undefined)))
}
