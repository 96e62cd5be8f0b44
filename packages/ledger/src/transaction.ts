import { setTimeout as delay } from "node:timers/promises"
import { isImageError } from "@pictor/core"
import { CompiledQuery } from "kysely"
import type { Database, Engine, Lock } from "./engine.ts"

/** Writes nothing until it is called. */
export type Write = () => Promise<unknown>

/** What a transaction came to, and what it writes last. */
export interface Work<Out> {
  readonly out: Out
  readonly writes: readonly Write[]
  /** Before any other transaction of the connection begins. */
  written?(): void
}

/** When all have come to an end: their results, or the first failure in their order. */
export const settleAll = async <Results extends readonly unknown[]>(
  promises: { readonly [Each in keyof Results]: Promise<Results[Each]> },
): Promise<Results> => {
  const settled = await Promise.allSettled(promises)
  const failed = settled.find(({ status }) => status === "rejected")
  if (failed?.status === "rejected") throw failed.reason
  return settled.map((each) =>
    each.status === "fulfilled" ? each.value : undefined,
  ) as unknown as Results
}

const writeAll = async (pipelines: boolean, writes: readonly Write[]): Promise<void> => {
  if (pipelines) await settleAll(writes.map((write) => write()))
  // One by one: where a write fails, what follows must not be committed.
  else for (const write of writes) await write()
}

const commit = CompiledQuery.raw("commit")

const rollback = CompiledQuery.raw("rollback")

/** All of it is written, or nothing. */
export const transact = <Out>(
  engine: Engine,
  lock: Lock,
  work: (connection: Database) => Promise<Work<Out>>,
): Promise<Out> =>
  engine.connect(async (connection) => {
    try {
      const begun = engine.execute(connection, engine.begin(lock))
      if (!engine.pipelines) await begun
      const [, { out, writes, written }] = await settleAll<[unknown, Work<Out>]>([
        begun,
        work(connection),
      ])
      await writeAll(engine.pipelines, [...writes, () => engine.execute(connection, commit)])
      written?.()
      return out
    } catch (error) {
      engine.kept?.forget()
      // Of a connection that is lost, or a transaction that never began, there is nothing to roll back.
      await engine.execute(connection, rollback).catch(() => {})
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
