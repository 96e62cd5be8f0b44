import { setImmediate as nextTurn } from "node:timers/promises"

interface Waiting<Item, Result> {
  readonly item: Item
  readonly sinceMs: number
  readonly resolve: (result: Result) => void
  readonly reject: (error: unknown) => void
}

export interface BatchQueue<Item, Result> {
  push(item: Item): Promise<Result>
  /** Resolves when the queue is empty and no batch runs. */
  idle(): Promise<void>
}

/** Maximum wait for further items. */
const gatherMs = 5

/**
 * Runs items in batches of at most `limit`, one batch at a time; items that are pushed meanwhile
 * form the next batch. `run` gets the time at which the first item was pushed, as
 * `performance.now()` counts it, and returns a result per item. If `run` throws, every item of the
 * batch rejects.
 */
export const createBatchQueue = <Item, Result>(
  limit: number,
  run: (
    items: readonly Item[],
    sinceMs: number,
  ) => Promise<readonly PromiseSettledResult<Result>[]>,
): BatchQueue<Item, Result> => {
  let waiting: Waiting<Item, Result>[] = []
  let working: Promise<void> | undefined
  // Each batch waits for the disk, and concurrent requests push within a turn or two of each other.
  const gather = async (): Promise<void> => {
    const untilMs = performance.now() + gatherMs
    let quietTurns = 0
    while (quietTurns < 2 && waiting.length < limit && performance.now() < untilMs) {
      const { length } = waiting
      await nextTurn()
      quietTurns = waiting.length > length ? 0 : quietTurns + 1
    }
  }
  const runBatch = async (batch: readonly Waiting<Item, Result>[]): Promise<void> => {
    try {
      const results = await run(
        batch.map(({ item }) => item),
        batch[0]?.sinceMs ?? performance.now(),
      )
      for (const [index, { resolve, reject }] of batch.entries()) {
        const result = results[index]
        if (result?.status === "fulfilled") resolve(result.value)
        else reject(result?.reason)
      }
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
  }
  const work = async (): Promise<void> => {
    while (waiting.length > 0) {
      await gather()
      const batch = waiting.slice(0, limit)
      waiting = waiting.slice(limit)
      await runBatch(batch)
    }
    working = undefined
  }
  return {
    push: (item) =>
      new Promise((resolve, reject) => {
        waiting.push({ item, sinceMs: performance.now(), resolve, reject })
        working ??= work()
      }),
    idle: async () => working,
  }
}
