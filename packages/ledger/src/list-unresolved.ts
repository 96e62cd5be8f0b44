import type { UnresolvedRow } from "@pictor/core"
import { toUnresolved, unresolvedPage } from "@pictor/core/ledger"
import { sql } from "kysely"
import type { Engine } from "./engine.ts"
import { toRow } from "./load.ts"
import type { CallTable } from "./tables.ts"

/** The held and lapsed calls after an id, in the order of their ids. */
export const listUnresolved = async (
  { reports }: Engine,
  after: string,
): Promise<readonly UnresolvedRow[]> => {
  const { rows } = await sql<CallTable>`
    select * from pictor_call where state in ('held', 'lapsed') and id > ${after}
    order by id limit ${sql.lit(unresolvedPage)}`.execute(reports)
  return rows.map((call) => toUnresolved(toRow(call, undefined)))
}
