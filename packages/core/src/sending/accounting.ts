/** What a ledger or an idempotency key needs, loaded with the first request that has one. */
export { book } from "./booking.ts"
export { createOnce } from "./once.ts"
