import { createInterface } from "node:readline"
import { openLedger } from "../open-ledger.ts"
import { jobClient, requestOf } from "./job-client.ts"

/**
 * A process that works on a ledger. It reads arguments and lines of text, writes lines of JSON, and
 * is killed in the end.
 *
 * `race`, then for each round a line `<url> <requests>` and a line `go`: reserves that many images
 * at once and settles the admitted ones.
 * `load <url>`: reserves and settles in an endless loop, and reports acknowledged changes.
 * `jobs <url> <provider> <name>`: requests images of a provider of jobs in an endless loop.
 */
const [mode = "", place = "", provider = "", name = ""] = process.argv.slice(2)

const write = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`)

const order = (images: number, team: string) => ({
  rows: [
    {
      model: "model-a",
      task: "text-to-image" as const,
      images,
      cost: { microUsd: 10 * images, maybeMicroUsd: 0, unpricedImages: 0 },
    },
  ],
  account: { team },
})

const race = async (): Promise<void> => {
  const input = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
  for (let round = 1; ; round += 1) {
    const [url = "", count] = String((await input.next()).value).split(" ")
    const ledger = await openLedger(url)
    write({ [`ready ${round}`]: true })
    await input.next()
    const answers = await Promise.allSettled(
      Array.from({ length: Number(count) }, () => ledger.reserve(order(1, "red"))),
    )
    const ids = answers.flatMap((answer) => (answer.status === "fulfilled" ? answer.value.ids : []))
    const wrong = answers.flatMap((answer) =>
      answer.status === "rejected" && answer.reason.code !== "budget_exceeded"
        ? [String(answer.reason.stack ?? answer.reason)]
        : [],
    )
    await Promise.all(
      ids.map((id) =>
        ledger.settle(id, {
          cost: { microUsd: 10, maybeMicroUsd: 0, unpricedImages: 0 },
          delivered: 1,
        }),
      ),
    )
    await ledger.close()
    write({ [`admitted ${round}`]: ids.length, wrong })
  }
}

const load = async (): Promise<void> => {
  const ledger = await openLedger(place, { leaseMs: 1000 })
  write({ ready: true })
  const work = async (): Promise<void> => {
    for (;;) {
      const { ids } = await ledger.reserve(order(2, "red"))
      const id = String(ids[0])
      write({ reserved: id })
      await ledger.sent(id)
      write({ sent: id })
      if (Math.random() < 0.2) {
        await ledger.release(id)
        write({ released: id })
      } else {
        await ledger.settle(id, {
          cost: { microUsd: 10, maybeMicroUsd: 0, unpricedImages: 0 },
          delivered: 1,
        })
        write({ settled: id })
      }
    }
  }
  await Promise.all(Array.from({ length: 8 }, work))
}

const jobs = async (): Promise<void> => {
  const pictor = jobClient(await openLedger(place, { leaseMs: 1000 }), provider)
  const work = async (_: unknown, worker: number): Promise<void> => {
    for (let turn = 0; ; turn += 1) {
      const key = `${name}-${worker}-${turn}`
      write({ requested: key })
      await pictor.generate(requestOf(key))
    }
  }
  await Promise.all(Array.from({ length: 4 }, work))
}

await (mode === "race" ? race() : mode === "jobs" ? jobs() : load())
