import type { Tracing, TracingOptions } from "./tracing.ts"

/**
 * Exports traces to `OTEL_EXPORTER_OTLP_ENDPOINT` or `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`; the
 * other `OTEL_` variables apply too. Without an endpoint, OpenTelemetry is not loaded.
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
