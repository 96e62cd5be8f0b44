import type { DurableLedger } from "@pictor/ledger"
import type { Cli } from "../cli.ts"
import { readConfig } from "../config.ts"
import { ledgerPlace, openLedgerAt } from "../ledger-file.ts"

/** Reports are about live calls unless the emulator's are asked for. */
export interface ReportFlags {
  readonly emulator?: boolean
}

export const emulatorFlag = [
  "--emulator",
  "the calls to the emulator, instead of live ones",
] as const

/** Runs with the ledger of live calls or of the emulator's, and says which. */
export const withLedger = async <Out>(
  { emulator = false }: ReportFlags,
  cli: Cli,
  act: (ledger: DurableLedger) => Promise<Out>,
): Promise<Out> => {
  const place = ledgerPlace(!emulator, cli, await readConfig(cli))
  // A URL of a database may hold a password.
  const shown = place.startsWith("file:") ? place.slice("file:".length) : "the configured database"
  cli.terminal.note(`${emulator ? "Calls to the emulator" : "Live calls"}, in ${shown}\n`)
  const ledger = await openLedgerAt(place)
  try {
    return await act(ledger)
  } finally {
    await ledger.close()
  }
}
