import { mkdir } from "node:fs/promises"
import { join } from "node:path"
import type { Cli } from "./cli.ts"
import type { Config } from "./config.ts"

/**
 * Where calls are recorded. Calls to the emulator have a ledger of their own, so that no report
 * mixes them with money.
 */
export const ledgerPlace = (
  live: boolean,
  { home, environment }: Pick<Cli, "home" | "environment">,
  { ledger }: Config,
): string => {
  const configured = live ? environment["PICTOR_LEDGER"]?.trim() || ledger : undefined
  if (configured !== undefined) return configured
  const data = environment["XDG_DATA_HOME"]?.trim() || join(home, ".local", "share")
  return `file:${join(data, "pictor", live ? "live.db" : "emulator.db")}`
}

export const openLedgerAt = async (place: string) => {
  if (place.startsWith("file:")) {
    const path = place.slice("file:".length).split("?")[0] ?? ""
    await mkdir(join(path, ".."), { recursive: true }).catch(() => undefined)
  }
  const { openLedger } = await import("@pictor/ledger")
  return openLedger(place)
}
