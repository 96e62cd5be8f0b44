export { type BatchQueue, createBatchQueue } from "./batch-queue.ts"
export {
  type DatabaseOptions,
  type OpenDatabase,
  type OwnTables,
  openDatabase,
} from "./database.ts"
export type { EngineName } from "./engine.ts"
export { exportCsv, exportJsonLines } from "./export.ts"
export type { BudgetState } from "./list-budgets.ts"
export type { CallQuery, LedgerCall } from "./list-calls.ts"
export type { Schema } from "./migrate.ts"
export { type DurableLedger, type LedgerOptions, openLedger } from "./open-ledger.ts"
export {
  type Difference,
  type LedgerShare,
  type Reconciliation,
  reconcile,
  type UncomparedCalls,
  type UncomparedLines,
} from "./reconcile.ts"
