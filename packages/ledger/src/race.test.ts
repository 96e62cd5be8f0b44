import { describe, expect, it } from "vitest"
import { runs } from "../../core/src/__fixtures__/scale.ts"
import { usePlaces } from "./__fixtures__/places.ts"
import { startWorker, type Worker } from "./__fixtures__/processes.ts"
import { openLedger } from "./open-ledger.ts"

const places = usePlaces()

/** 1,000 requests for one image from four processes, on budgets for 100 in a new database. */
const race = async (url: string, workers: readonly Worker[], round: number) => {
  for (const { send } of workers) send(`${url} ${1000 / workers.length}`)
  const ledger = await openLedger(url)
  await ledger.setBudget({ scope: { everything: true }, window: "total", hard: { images: 100 } })
  await ledger.setBudget({ scope: { team: "red" }, window: "day", hard: { microUsd: 2000 } })
  await Promise.all(workers.map(({ line }) => line(`ready ${round}`)))
  for (const { send } of workers) send("go")
  const answers = await Promise.all(workers.map(({ line }) => line(`admitted ${round}`)))
  const spent = await ledger.spend()
  await ledger.close()
  return {
    admitted: answers.reduce((sum, answer) => sum + Number(answer[`admitted ${round}`]), 0),
    wrong: answers.flatMap(({ wrong }) => wrong),
    spent,
  }
}

describe("four processes at once", () => {
  for (const [name, place] of places.all)
    it(`admit exactly 100 of 1,000 requests, on ${name}`, async () => {
      const workers = Array.from({ length: 4 }, () => startWorker("race"))
      for (let round = 1; round <= runs(20); round += 1)
        expect(await race(await place(), workers, round), `round ${round}`).toEqual({
          admitted: 100,
          wrong: [],
          spent: [
            {
              group: {},
              calls: 100,
              images: 100,
              microUsd: 1000,
              maybeMicroUsd: 0,
              unpricedImages: 0,
            },
          ],
        })
      await Promise.all(workers.map(({ kill }) => kill()))
    })
})
