import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, afterEach } from "vitest"
import { describeLedger } from "../../core/src/__fixtures__/ledger-suite.ts"
import { openLedger } from "./open-ledger.ts"

const folder = mkdtempSync(join(tmpdir(), "pictor-ledger-"))
const opened: { close(): Promise<void> }[] = []
let files = 0

afterEach(async () => {
  for (const ledger of opened.splice(0)) await ledger.close()
})

afterAll(() => rmSync(folder, { recursive: true }))

describeLedger("openLedger on SQLite", async ({ now }) => {
  const ledger = await openLedger(`file:${folder}/${files++}.db`, { now, random: () => 0.5 })
  opened.push(ledger)
  return ledger
})
