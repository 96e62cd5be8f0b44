interface Waiting<Item, Result> {
  readonly item: Item
  readonly resolve: (result: Result) => void
  readonly reject: (error: unknown) => void
}

/**
 * Gathers what is asked for while a batch is at work into the next one, and does one batch at a time: many who wait for the same rows wait once.
 * `run` gives a result for each; where it throws, all of them fail.
 */
export const inBatches = <Item, Result>(
  limit: number,
  run: (items: readonly Item[]) => Promise<readonly Result[]>,
): ((item: Item) => Promise<Result>) => {
  let waiting: Waiting<Item, Result>[] = []
  let working = false
  const workOff = async (): Promise<void> => {
    while (waiting.length > 0) {
      const taken = waiting.slice(0, limit)
      waiting = waiting.slice(limit)
      try {
        const results = await run(taken.map(({ item }) => item))
        for (const [index, { resolve }] of taken.entries()) resolve(results[index] as Result)
      } catch (error) {
        for (const { reject } of taken) reject(error)
      }
    }
    working = false
  }
  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject })
      if (working) return
      working = true
      void workOff()
    })
}
