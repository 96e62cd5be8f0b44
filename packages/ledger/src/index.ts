export type { LedgerCall } from "./list-calls.ts"
export { type DurableLedger, openLedger } from "./open-ledger.ts"
export type { LedgerOptions } from "./options.ts"
