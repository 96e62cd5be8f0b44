/** What every ledger counts by, for those who build one: state comes in as books and goes out as what changed in them. */

export type {
  Budget,
  Ledger,
  Limit,
  Recalled,
  RecalledCall,
  Reservation,
  ReservationRow,
  Reserved,
  RowState,
  Scope,
  Settlement,
  SpendKey,
  SpendQuery,
  SpendRow,
  Window,
} from "./contract/ledger.ts"
export { actIn, type Moment, type RowAction, reserveIn } from "./ledger/bookkeeping.ts"
export { type Books, emptyBooks, factsOf, sweep } from "./ledger/books.ts"
export { type Budgets, placeBudget, scopeName, scopesOf } from "./ledger/budget.ts"
export { recallRun } from "./ledger/idempotency.ts"
export {
  copySettlement,
  invalid,
  plus,
  type Row,
  type Run,
  type Sums,
  sumsOf,
  whole,
  zero,
} from "./ledger/row.ts"
export { ulids } from "./ledger/ulid.ts"
export { bucketOf, dayMs, resetMs, sumIn } from "./ledger/window.ts"
export { checkOptionNames } from "./models/suggest.ts"
