import { setTimeout as delay } from "node:timers/promises"
import { isImageError } from "@pictor/core"
import { CompiledQuery } from "kysely"
import type { Database, Engine, Lock } from "./engine.ts"

/** What a transaction returns, and the statements that it ends with. */
interface Work<Out> {
  readonly out: Out
  readonly writes: readonly (() => Promise<unknown>)[]
}

const commit = CompiledQuery.raw("commit")

const rollback = CompiledQuery.raw("rollback")

/** Runs `work` in a transaction. An error rolls everything back. */
export const transact = <Out>(
  engine: Engine,
  lock: Lock,
  work: (connection: Database) => Promise<Work<Out>>,
): Promise<Out> =>
  engine.connect(async (connection) => {
    try {
      const begun = engine.execute(connection, engine.begin(lock))
      if (!engine.pipelines) await begun
      // Both settle before a rollback, so that no statement follows it.
      const [began, worked] = await Promise.allSettled([begun, work(connection)])
      if (began.status === "rejected") throw began.reason
      if (worked.status === "rejected") throw worked.reason
      const { out, writes } = worked.value
      const ending = [...writes, () => engine.execute(connection, commit)]
      if (engine.pipelines) await Promise.all(ending.map((write) => write()))
      // Nothing that follows a failed statement may run, the commit least of all.
      else for (const write of ending) await write()
      return out
    } catch (error) {
      // Fails if the connection is lost or the transaction never began: nothing to roll back.
      await engine.execute(connection, rollback).catch(() => {})
      throw error
    }
  })

const maxPauseMs = 20

/** Runs `work` again after transient errors, until a deadline as `performance.now()` counts it. */
export const retry = async <Out>(
  { isTransient, toImageError }: Pick<Engine, "isTransient" | "toImageError">,
  deadlineMs: number,
  work: (attempt: number) => Promise<Out>,
): Promise<Out> => {
  for (let attempt = 1; ; attempt += 1)
    try {
      return await work(attempt)
    } catch (error) {
      if (isImageError(error)) throw error
      if (!isTransient(error) || performance.now() >= deadlineMs) throw toImageError(error)
      const jitterMs = Math.random() * Math.min(maxPauseMs, 2 ** attempt)
      await delay(1 + jitterMs)
    }
}

/** Runs one task at a time, in the order of the calls. */
export const createMutex = () => {
  let last: Promise<unknown> = Promise.resolve()
  return <Out>(task: () => Promise<Out>): Promise<Out> => {
    const next = last.then(task)
    last = next.catch(() => {})
    return next
  }
}
