import type { IncomingHttpHeaders } from "node:http"
import type { Middleware } from "@pictor/core"
import type { GatewayCall } from "../types.ts"
import type { RequestEnd, RequestRecord } from "./request-record.ts"

export interface Trace {
  /** Makes this span the parent of the call's provider spans. */
  adopt(call: GatewayCall): void
  end(record: RequestRecord, end: RequestEnd): void
}

export interface Tracing {
  readonly middleware: Middleware
  /** The caller's `traceparent` is its parent. */
  begin(record: Pick<RequestRecord, "id" | "method" | "route">, headers: IncomingHttpHeaders): Trace
  close(): Promise<void>
}

export interface TracingOptions {
  readonly version: string
  /** `gen_ai.operation.name`: the semantic conventions have no value for images. */
  readonly operation: string
}
