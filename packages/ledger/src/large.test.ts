import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { describe, expect, it } from "vitest"
import { runs } from "../../core/src/__fixtures__/scale.ts"
import { fillText } from "./__fixtures__/fill.ts"
import { ask } from "./__fixtures__/inspect.ts"
import { usePlaces } from "./__fixtures__/places.ts"
import { exportCsv, exportJsonLines } from "./export.ts"
import { openLedger } from "./open-ledger.ts"

const places = usePlaces()

setFlagsFromString("--expose-gc")
const collect = runInNewContext("gc") as () => void

const rows = runs(1_000_000)

/** Heap size after a garbage collection. */
const heldBytes = (): number => {
  collect()
  return process.memoryUsage().heapUsed
}

/** Counts the lines of chunks, and measures how much the heap grew meanwhile. */
const read = async (chunks: AsyncIterable<string>) => {
  const before = heldBytes()
  let [count, lines, most] = [0, 0, 0]
  for await (const chunk of chunks) {
    count += 1
    lines += chunk.split("\n").length - 1
    if (count % Math.ceil(rows / 5000) === 0) most = Math.max(most, heldBytes() - before)
  }
  return { lines, most }
}

describe(`a ledger of ${rows} calls`, () => {
  for (const [name, place] of places.all)
    it(`is exported in constant memory and counts in a later budget, on ${name}`, async () => {
      const url = await place()
      const ledger = await openLedger(url)
      for (const text of fillText(name === "SQLite" ? "sqlite" : "postgres", rows))
        await ask(url, text)
      for (const [chunks, wanted] of [
        [exportCsv(ledger), rows + 1],
        [exportJsonLines(ledger), rows],
      ] as const) {
        const { lines, most } = await read(chunks)
        expect(lines).toBe(wanted)
        expect(most).toBeLessThan(10_000_000)
      }
      expect(await ledger.spend({ by: ["model"] })).toMatchObject([
        { group: { model: "model-a" }, calls: rows, microUsd: 10 * rows },
      ])
      await ledger.setBudget({ scope: { key: "key-0" }, window: "total", hard: { images: rows } })
      await expect(
        ledger.reserve({
          rows: [
            {
              model: "model-a",
              task: "text-to-image",
              images: 1,
              cost: { microUsd: 10, maybeMicroUsd: 0, unpricedImages: 0 },
            },
          ],
          account: { key: "key-0" },
        }),
      ).rejects.toMatchObject({ code: "budget_exceeded" })
      await ledger.close()
    })
})
