import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { type DurableLedger, openLedger } from "@pictor/ledger"
import { fillText } from "../../../packages/ledger/src/__fixtures__/fill.ts"
import { bareRow, setBudgets, spendOne, timeEach } from "./callers.ts"

export interface SqliteSite {
  /** A new file with a budget per key and a number of calls. */
  open(keys: number, rows?: number): Promise<DurableLedger>
  /** Milliseconds per durable bare insert. */
  insert(count: number): Promise<number>
  close(): Promise<void>
}

export const sqliteSite = (): SqliteSite => {
  const folder = mkdtempSync(join(tmpdir(), "pictor-bench-"))
  const ledgers: DurableLedger[] = []
  const bare = new DatabaseSync(join(folder, "bare.db"))
  bare.exec(
    "pragma journal_mode = wal; pragma synchronous = full; create table bare (id integer primary key, body text)",
  )
  const insert = bare.prepare("insert into bare (body) values (?)")
  return {
    open: async (keys, rows = 0) => {
      const path = join(folder, `${ledgers.length}.db`)
      const ledger = await openLedger(`file:${path}`)
      ledgers.push(ledger)
      if (rows > 0) {
        const file = new DatabaseSync(path)
        for (const text of fillText("sqlite", rows)) file.exec(text)
        file.close()
      }
      await setBudgets(ledger, keys)
      return ledger
    },
    insert: (count) => timeEach(count, async () => void insert.run(bareRow)),
    close: async () => {
      for (const ledger of ledgers) await ledger.close()
      bare.close()
      rmSync(folder, { recursive: true })
    },
  }
}

/** Milliseconds per reservation and settlement. */
export const timeSpending = (ledger: DurableLedger, keys: number, count: number): Promise<number> =>
  timeEach(count, (index) => spendOne(ledger, index % keys))
