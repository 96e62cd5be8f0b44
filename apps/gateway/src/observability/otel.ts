import {
  type Attributes,
  type Context,
  defaultTextMapGetter,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from "@opentelemetry/api"
import { W3CTraceContextPropagator } from "@opentelemetry/core"
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http"
import {
  defaultResource,
  detectResources,
  resourceAttributesEnvDetector,
  resourceFromAttributes,
  serviceNameEnvDetector,
} from "@opentelemetry/resources"
import { BatchSpanProcessor, type SpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace"
import { isImageError, type Middleware } from "@pictor/core"
import type { CallAnswer, CallAttempt } from "@pictor/core/host"
import type { FamilyName } from "../config/family.ts"
import { calls } from "../request-context.ts"
import type { GatewayCall } from "../types.ts"
import type { RequestEnd, RequestRecord } from "./request-record.ts"
import type { Trace, Tracing, TracingOptions } from "./tracing.ts"

/** Exports in batches to the endpoint in the environment. */
export const otlpProcessor = (): SpanProcessor =>
  new BatchSpanProcessor({ exporter: new OTLPTraceExporter() })

/**
 * `gen_ai.provider.name`; the last two are not among the well-known ones:
 * https://opentelemetry.io/docs/specs/semconv/registry/attributes/gen-ai/.
 */
const providers: Readonly<Record<FamilyName, string>> = {
  bedrock: "aws.bedrock",
  openai: "openai",
  azure: "azure.ai.openai",
  gemini: "gcp.gemini",
  vertex_ai: "gcp.vertex_ai",
  xai: "x_ai",
  black_forest_labs: "black_forest_labs",
  hosted_vllm: "hosted_vllm",
}

const finishReasons: Readonly<Record<CallAnswer["outcomes"][number]["status"], string>> = {
  delivered: "stop",
  filtered: "content_filter",
  failed: "error",
}

const requestAttributes = (
  { call, attempt }: CallAttempt,
  gateway: GatewayCall | undefined,
  operation: string,
): Attributes => {
  return {
    "gen_ai.operation.name": operation,
    "gen_ai.request.model": call.model,
    "gen_ai.output.type": "image",
    "pictor.attempt": attempt,
    ...(call.slots.length !== 1 && { "gen_ai.request.choice.count": call.slots.length }),
    ...(call.seed !== undefined && { "gen_ai.request.seed": call.seed }),
    ...(call.region !== undefined && { "cloud.region": call.region }),
    ...(gateway?.deployment && {
      "gen_ai.provider.name": providers[gateway.deployment.family],
      "pictor.deployment": gateway.deployment.id,
    }),
  }
}

const answerAttributes = ({ outcomes, requestId, bytes }: CallAnswer): Attributes => ({
  "gen_ai.response.finish_reasons": outcomes.map(({ status }) => finishReasons[status]),
  "pictor.response.bytes": bytes,
  ...(requestId !== undefined && { "gen_ai.response.id": requestId }),
})

const markFailed = (span: Span, code: string): void => {
  span.setAttribute("error.type", code)
  span.setStatus({ code: SpanStatusCode.ERROR })
}

/**
 * A client span per attempt of a provider call:
 * https://github.com/open-telemetry/semantic-conventions-genai.
 */
const traceCalls =
  (
    tracer: Tracer,
    parentOf: (call: GatewayCall | undefined) => Context,
    operation: string,
  ): NonNullable<Middleware["call"]> =>
  async (attempt, next) => {
    const gateway = calls.getStore()
    const name = `${operation} ${attempt.call.model}`
    const span = tracer.startSpan(
      name,
      { kind: SpanKind.CLIENT, attributes: requestAttributes(attempt, gateway, operation) },
      parentOf(gateway),
    )
    try {
      const answer = await next(attempt)
      span.setAttributes(answerAttributes(answer))
      if (answer.outcomes.some(({ status }) => status === "failed"))
        markFailed(span, "provider_failed")
      return answer
    } catch (thrown) {
      markFailed(span, isImageError(thrown) ? thrown.code : "unexpected")
      throw thrown
    } finally {
      span.end()
    }
  }

const endSpan = (
  span: Span,
  { answer, call }: RequestRecord,
  { status, cost }: RequestEnd,
): void => {
  span.setAttributes({
    "http.response.status_code": status,
    ...(call?.deployment && {
      "gen_ai.provider.name": providers[call.deployment.family],
      "pictor.deployment": call.deployment.id,
      "gen_ai.request.model": call.deployment.model,
    }),
    ...(cost && {
      "pictor.cost.micro_usd": cost.microUsd,
      "pictor.cost.maybe_micro_usd": cost.maybeMicroUsd,
    }),
  })
  if (status >= 500) markFailed(span, answer?.error?.code ?? String(status))
  span.end()
}

/** Spans of requests and their provider calls. No span holds a prompt, an image or a key. */
export const createTracing = (
  processor: SpanProcessor,
  { version, operation }: TracingOptions,
): Tracing => {
  const resource = defaultResource()
    .merge(resourceFromAttributes({ "service.name": "pictor-gateway", "service.version": version }))
    .merge(detectResources({ detectors: [resourceAttributesEnvDetector, serviceNameEnvDetector] }))
  const provider = new TracerProvider({ resource, spanProcessors: [processor] })
  const tracer = provider.getTracer("@pictor/gateway", version)
  const propagator = new W3CTraceContextPropagator()
  const contexts = new WeakMap<GatewayCall, Context>()
  return {
    middleware: {
      name: "tracing",
      call: traceCalls(tracer, (call) => (call && contexts.get(call)) ?? ROOT_CONTEXT, operation),
    },
    begin: ({ id, method, route }, headers): Trace => {
      const parent = propagator.extract(ROOT_CONTEXT, headers, defaultTextMapGetter)
      const attributes = {
        "http.request.method": method,
        "http.route": route,
        "pictor.call.id": id,
      }
      const span = tracer.startSpan(
        `${method} ${route}`,
        { kind: SpanKind.SERVER, attributes },
        parent,
      )
      return {
        adopt: (call) => contexts.set(call, trace.setSpan(parent, span)),
        end: (record, end) => endSpan(span, record, end),
      }
    },
    close: () => provider.shutdown(),
  }
}
