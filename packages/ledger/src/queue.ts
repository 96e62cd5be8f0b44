import { setImmediate as turn } from "node:timers/promises"

interface Waiting<Item, Result> {
  readonly item: Item
  readonly sinceMs: number
  readonly resolve: (result: Result) => void
  readonly reject: (error: unknown) => void
}

/** What came of an item. */
export type Settled<Result> = { readonly result: Result } | { readonly error: unknown }

export interface Queue<Item, Result> {
  push(item: Item): Promise<Result>
  /** When nothing waits any more. */
  idle(): Promise<void>
}

/** A batch waits no longer for more. */
const gatherMs = 5

/**
 * Gathers what is asked for while a batch is at work into the next one, and does one batch at a time. `run` gets when the first of them came, in
 * `performance.now()`'s time; where it throws, all of them fail.
 */
export const createQueue = <Item, Result>(
  limit: number,
  isAlone: (item: Item) => boolean,
  run: (items: readonly Item[], sinceMs: number) => Promise<readonly Settled<Result>[]>,
): Queue<Item, Result> => {
  let waiting: Waiting<Item, Result>[] = []
  let working: Promise<void> | undefined
  const take = (): readonly Waiting<Item, Result>[] => {
    const alone = waiting.findIndex(({ item }) => isAlone(item))
    const count = alone === 0 ? 1 : Math.min(limit, alone < 0 ? limit : alone)
    const taken = waiting.slice(0, count)
    waiting = waiting.slice(count)
    return taken
  }
  // Requests that came together ask within a turn or two of each other, and each batch waits for the disk.
  const gather = async (): Promise<void> => {
    const untilMs = performance.now() + gatherMs
    let quiet = 0
    do {
      const { length } = waiting
      await turn()
      quiet = waiting.length > length ? 0 : quiet + 1
    } while (quiet < 2 && waiting.length < limit && performance.now() < untilMs)
  }
  const work = async (): Promise<void> => {
    for (;;) {
      await gather()
      const taken = take()
      const first = taken[0]
      if (!first) break
      await settle(taken, () =>
        run(
          taken.map(({ item }) => item),
          first.sinceMs,
        ),
      )
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

const settle = async <Item, Result>(
  taken: readonly Waiting<Item, Result>[],
  run: () => Promise<readonly Settled<Result>[]>,
): Promise<void> => {
  try {
    const settled = await run()
    for (const [index, { resolve, reject }] of taken.entries()) {
      const each = settled[index]
      if (each && "result" in each) resolve(each.result)
      else reject(each?.error)
    }
  } catch (error) {
    for (const { reject } of taken) reject(error)
  }
}
