/** What every ledger counts by, for those who build one: state comes in as books and goes out as what changed in them. */
export { actIn, type Moment, type RowAction, reserveIn } from "./ledger/ledger-bookkeeping.ts"
export { type Books, emptyBooks, factsOf, sweep } from "./ledger/ledger-books.ts"
export { type Budgets, placeBudget, scopeName, scopesOf } from "./ledger/ledger-budget.ts"
export { recallRun } from "./ledger/ledger-idempotency.ts"
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
} from "./ledger/ledger-row.ts"
export { bucketOf, dayMs, resetMs, sumIn } from "./ledger/ledger-window.ts"
export { ulids } from "./ledger/ulid.ts"
