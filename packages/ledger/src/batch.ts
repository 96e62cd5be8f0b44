import { actIn, type Moment, type Reserved, reserveIn, sweep } from "@pictor/core/ledger"
import type { Engine } from "./engine.ts"
import type { Standing } from "./kept.ts"
import { type Loaded, load } from "./load.ts"
import type { Operation, Outcome } from "./operations.ts"
import { changesToWrite } from "./save.ts"
import { transact } from "./transaction.ts"

/**
 * Does many operations in one transaction, one after the other on the books of what they need: a refusal undoes nothing but itself. `again`: this
 * batch may have been written before without our knowing, as when the server went away with the answer; it is not written twice.
 */
export const runBatch = async (
  engine: Engine,
  clock: () => Moment,
  operations: readonly Operation[],
  again: boolean,
): Promise<readonly Outcome[]> => {
  for (;;) {
    const outcomes = await transact(engine, "calls", async (connection) => {
      const moment = clock()
      const loaded = await load(connection, engine, operations, moment.nowMs, again)
      sweep(loaded.books, moment.nowMs)
      const done = loaded.crowded
        ? undefined
        : operations.map((each) => perform(loaded, each, moment))
      const writes = changesToWrite(connection, engine, loaded, moment.nowMs)
      return { out: done, writes, written: () => engine.kept?.keep(standingsOf(loaded)) }
    })
    if (outcomes) return outcomes
  }
}

/** No row is reserved again, so one that is has the entries that it had. */
const standingsOf = ({ books, before }: Loaded): readonly Standing[] =>
  [...books.rows.values()].map((row) => ({ row, entries: before.get(row.id)?.entries ?? 0 }))

const perform = (loaded: Loaded, operation: Operation, moment: Moment): Outcome => {
  try {
    if (operation.kind === "act") actIn(loaded.books, operation.id, operation.action, moment)
    return {
      reserved: operation.kind === "reserve" ? reserve(loaded, operation, moment) : undefined,
    }
  } catch (error) {
    return { error }
  }
}

const reserve = (
  { books, runIds, orders }: Loaded,
  { reservation, ids }: Extract<Operation, { kind: "reserve" }>,
  moment: Moment,
): Reserved => {
  if (ids.every((id) => books.rows.has(id)) && ids.length > 0)
    return reservation.sent ? { ids, sent: true } : { ids }
  let next = 0
  const reserved = reserveIn(books, reservation, moment, () => ids[next++] ?? "")
  for (const [index, id] of ids.entries()) {
    const order = reservation.rows[index]
    if (order) orders.set(id, order)
  }
  const run = books.rows.get(ids[0] ?? "")?.run
  if (run && !runIds.has(run)) runIds.set(run, ids[0] ?? "")
  return reserved
}
