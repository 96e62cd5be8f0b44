/** For ledger implementations: the rules of every ledger, as functions on in-memory books. */

export type {
  Budget,
  Ledger,
  Limit,
  Recalled,
  RecalledCall,
  Reservation,
  ReservationKey,
  ReservationRow,
  Reserved,
  RowState,
  Scope,
  Settlement,
  SpendKey,
  SpendQuery,
  SpendRow,
  SubmittedJob,
  UnresolvedQuery,
  UnresolvedRow,
  Window,
} from "./contract/ledger.ts"
export {
  actIn,
  type Books,
  emptyBooks,
  factsOf,
  type Moment,
  type RowAction,
  reserveIn,
  sweep,
  unresolvedPage,
} from "./ledger/books.ts"
export {
  type Budgets,
  bucketOf,
  clientTag,
  dayMs,
  placeBudget,
  resetMs,
  scopeName,
  scopesOf,
  sumIn,
  type Tallies,
} from "./ledger/budget.ts"
export { recallRun } from "./ledger/idempotency.ts"
export {
  checkTexts,
  copyJob,
  copySettlement,
  invalid,
  plus,
  type Row,
  type Run,
  type Sums,
  sumsOf,
  toUnresolved,
  whole,
  zero,
} from "./ledger/row.ts"
export { ulids } from "./ledger/ulid.ts"
export { checkOptionNames } from "./models/suggest.ts"
