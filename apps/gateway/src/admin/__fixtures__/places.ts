export { ask as askDatabase } from "../../../../../packages/ledger/src/__fixtures__/inspect.ts"
/** A folder and a PostgreSQL server for the tests of one file. */
export { usePlaces } from "../../../../../packages/ledger/src/__fixtures__/places.ts"
