export { clauses } from "./clauses.ts"
export type {
  AdapterContract,
  Answer,
  Clause,
  Context,
  ExampleReply,
  ExampleRequest,
  Provider,
} from "./contract.ts"
export { describeAdapter } from "./describe-adapter.ts"
export type { ClauseId } from "./sentences.ts"
