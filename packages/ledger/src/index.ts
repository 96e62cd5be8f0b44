export { openLedger } from "./open-ledger.ts"
export type { LedgerOptions } from "./options.ts"
