import { setTimeout as delay } from "node:timers/promises"
import { isImageError } from "@pictor/core"
import { sql } from "kysely"
import type { Database, Engine, Lock } from "./engine.ts"

/** All of it is written, or nothing. */
export const transact = <Out>({ db, begin }: Engine, lock: Lock, work: (connection: Database) => Promise<Out>): Promise<Out> =>
  db.connection().execute(async (connection) => {
    try {
      await begin(connection, lock)
      const out = await work(connection)
      await sql`commit`.execute(connection)
      return out
    } catch (error) {
      // Of a connection that is lost, or a transaction that never began, there is nothing to roll back.
      await sql`rollback`.execute(connection).catch(() => {})
      throw error
    }
  })

/** The longest pause between two tries. */
const pauseMs = 20

/** Tries again what others or a restart are in the way of, until the deadline in `performance.now()`'s time. */
export const patiently = async <Out>(
  { isPassing, toImageError }: Pick<Engine, "isPassing" | "toImageError">,
  deadlineMs: number,
  work: (attempt: number) => Promise<Out>,
): Promise<Out> => {
  for (let attempt = 1; ; attempt += 1)
    try {
      return await work(attempt)
    } catch (error) {
      if (isImageError(error)) throw error
      if (!isPassing(error) || performance.now() >= deadlineMs) throw toImageError(error)
      // Unlike each other, so that processes that wait for the same do not come back together.
      await delay(1 + Math.random() * Math.min(pauseMs, 2 ** attempt))
    }
}
