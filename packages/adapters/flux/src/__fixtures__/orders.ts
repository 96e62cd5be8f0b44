import { createPictor, type Pictor } from "@pictor/core"
import { http } from "@pictor/http"
import { type DurableLedger, openLedger } from "@pictor/ledger"
import { quickFlux } from "./quick-flux.ts"

export const model = "flux-2-pro"

/** A client of the emulator at `url`. */
export const clientOf = (ledger: DurableLedger, url: string): Pictor => {
  const transport = http({ key: "any", baseUrl: `${url}/v1`, pollsPerSecond: 1000 })
  return createPictor({ adapters: [quickFlux(transport)], ledger })
}

/** As a process: `node orders.ts <ledger> <emulator> <name>` orders images in an endless loop. */
const [place, url, name] = process.argv.slice(2)
if (process.argv[1] === import.meta.filename && place && url) {
  const pictor = clientOf(await openLedger(place, { leaseMs: 1000 }), url)
  const work = async (_: unknown, worker: number): Promise<void> => {
    for (let turn = 0; ; turn += 1) {
      const prompt = `${name}-${worker}-${turn}`
      process.stdout.write(`${prompt}\n`)
      await pictor.generate({ model, prompt, size: "256x256" })
    }
  }
  await Promise.all(Array.from({ length: 3 }, work))
}
