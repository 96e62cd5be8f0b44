import { afterAll, afterEach, beforeAll } from "vitest"
import { describeLedger } from "../../core/src/__fixtures__/ledger-suite.ts"
import { type PostgresServer, startPostgres } from "./__fixtures__/postgres-server.ts"
import { openLedger } from "./open-ledger.ts"

let server: PostgresServer
const opened: { close(): Promise<void> }[] = []

beforeAll(async () => {
  server = await startPostgres()
})

afterEach(async () => {
  for (const ledger of opened.splice(0)) await ledger.close()
})

afterAll(() => server.stop())

describeLedger("openLedger on PostgreSQL", async ({ now }) => {
  const ledger = await openLedger(await server.fresh(), { now, random: () => 0.5 })
  opened.push(ledger)
  return ledger
})
