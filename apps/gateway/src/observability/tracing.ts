import type { IncomingHttpHeaders } from "node:http"
import type { Middleware } from "@pictor/core"
import type { GatewayCall } from "../types.ts"
import type { Visit, VisitEnd } from "./request-record.ts"

/** One request's span. */
export interface Trace {
  /** From now on provider calls of this call belong to it. */
  adopt(call: GatewayCall): void
  end(visit: Visit, end: VisitEnd): void
}

export interface Tracing {
  readonly middleware: Middleware
  /** The caller's `traceparent` is its parent. */
  begin(visit: Pick<Visit, "id" | "method" | "route">, headers: IncomingHttpHeaders): Trace
  /** Brings what is left to the collector. */
  close(): Promise<void>
}

export interface TracingOptions {
  readonly version: string
  /** `gen_ai.operation.name`: the conventions have no value for images. */
  readonly operation: string
}

/**
 * Traces to the collector that `OTEL_EXPORTER_OTLP_ENDPOINT` or `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` names; the other `OTEL_` variables hold as well.
 * Without one there are none, and OpenTelemetry is not even loaded.
 */
export const openTracing = async (
  env: NodeJS.ProcessEnv,
  options: TracingOptions,
): Promise<Tracing | undefined> => {
  if (!env["OTEL_EXPORTER_OTLP_ENDPOINT"] && !env["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"])
    return undefined
  const { otlpProcessor, createTracing } = await import("./otel.ts")
  return createTracing(otlpProcessor(), options)
}
