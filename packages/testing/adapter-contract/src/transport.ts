/** The kit for transports. It needs the types of Node.js. */

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
