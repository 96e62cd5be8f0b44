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
export { transportClauses } from "./transport/clauses.ts"
export type {
  FileContract,
  JobAnswer,
  JobContract,
  TransportClause,
  TransportContext,
  TransportContract,
  TransportSetup,
} from "./transport/contract.ts"
export { describeTransport } from "./transport/describe-transport.ts"
export type { TransportClauseId } from "./transport/sentences.ts"
