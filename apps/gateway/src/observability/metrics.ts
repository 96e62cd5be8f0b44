import { isImageError, type Middleware, type ResumeResult, type UnfinishedRow } from "@pictor/core"
import type { CallAnswer } from "@pictor/core/host"
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client"
import type { Admission } from "../http/admission.ts"
import { litellmProvider } from "../lib/provider-name.ts"
import { calls } from "../request-context.ts"
import type { RequestEnd, RequestRecord } from "./request-record.ts"

/** Seconds. An image takes 1 s to about 60 s, a rejection a few milliseconds. */
const durationBuckets = [0.005, 0.05, 0.25, 0.5, 1, 2, 4, 8, 16, 32, 64, 128, 300, 600]
const overheadBuckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5]

/** Caches the children of a meter: `labels()` checks and joins its values on every call. */
const childrenOf = <Child>(meter: { readonly labels: (...values: string[]) => Child }) => {
  const children = new Map<string, Child>()
  return (...values: string[]): Child => {
    const key = values.join("\n")
    const child = children.get(key) ?? meter.labels(...values)
    children.set(key, child)
    return child
  }
}

const perModel = ["model", "deployment", "provider"]

const createCounters = (registers: Registry[]) => {
  const counter = (name: string, help: string, labelNames: string[] = []) =>
    childrenOf(new Counter({ name: `pictor_${name}_total`, help, labelNames, registers }))
  return {
    images: counter("images", "Requested images, by outcome.", [...perModel, "outcome"]),
    filtered: counter("images_filtered", "Filtered images, by stage.", ["model", "stage"]),
    providerBytes: counter("provider_bytes", "Bytes of provider replies.", perModel),
    cost: counter("cost_micro_usd", "Charged, in millionths of a US dollar.", perModel),
    maybeCost: counter("maybe_cost_micro_usd", "Possibly charged, in the same unit.", perModel),
    unpriced: counter("unpriced_images", "Charged images of unknown price.", perModel),
    requests: counter("requests", "Requests, by route and status.", ["route", "status"]),
    bytesIn: counter("request_bytes", "Bytes of request bodies."),
    bytesOut: counter("response_bytes", "Bytes of response bodies."),
    shed: counter("shed", "Requests rejected because the gateway was at its limit."),
    retries: counter("retries", "Retried calls.", ["model"]),
    fallbacks: counter("fallbacks", "Fallbacks to another group.", ["model"]),
    jobs: counter("jobs_resumed", "Resumed jobs, by what became of them.", [
      "model",
      "provider",
      "status",
    ]),
    ledgerFailures: counter("ledger_failures", "Failed operations.", ["operation", "code"]),
  }
}

const createHistograms = (registers: Registry[]) => {
  const histogram = (name: string, help: string, buckets: number[], labelNames: string[]) =>
    childrenOf(
      new Histogram({ name: `pictor_${name}_seconds`, help, buckets, labelNames, registers }),
    )
  const whole = "From a request's first byte to its answer's last."
  return {
    duration: histogram("request_duration", whole, durationBuckets, ["route", "model"]),
    overhead: histogram("overhead", "The gateway's own share of it.", overheadBuckets, ["route"]),
    calls: histogram("provider_call", "Provider calls, by outcome.", durationBuckets, [
      ...perModel,
      "outcome",
    ]),
  }
}

type Meters = ReturnType<typeof createCounters> & ReturnType<typeof createHistograms>

export interface Metrics {
  readonly middleware: Middleware
  ended(record: RequestRecord, end: RequestEnd): void
  shed(): void
  ledgerFailed(operation: string, thrown: unknown): void
  jobResumed(row: UnfinishedRow, result: ResumeResult | { readonly status: "error" }): void
  page(): Promise<{ readonly contentType: string; readonly text: string }>
}

const outcomeOf = ({ outcomes }: CallAnswer): string =>
  outcomes.find(({ status }) => status !== "delivered")?.status ?? "delivered"

const codeOf = (thrown: unknown): string => (isImageError(thrown) ? thrown.code : "unexpected")

const measureCalls =
  (meters: Meters, now: () => number): NonNullable<Middleware["call"]> =>
  async (attempt, next) => {
    const { model } = attempt.call
    const { id: deployment = "none", family = "none" } = calls.getStore()?.deployment ?? {}
    const startedMs = now()
    const observe = (outcome: string): void =>
      meters.calls(model, deployment, family, outcome).observe((now() - startedMs) / 1000)
    try {
      const answer = await next(attempt)
      observe(outcomeOf(answer))
      meters.providerBytes(model, deployment, family).inc(answer.bytes)
      return answer
    } catch (thrown) {
      observe(codeOf(thrown))
      throw thrown
    }
  }

const countImages = (
  meters: Meters,
  { answer, call }: RequestRecord,
  { slots, cost }: RequestEnd,
): void => {
  const model = call?.deployment?.model ?? answer?.result?.model ?? "none"
  const { id: deployment = "none", family = "none" } = call?.deployment ?? {}
  for (const slot of slots) {
    meters.images(model, deployment, family, slot.status).inc()
    if (slot.status === "filtered") meters.filtered(model, slot.stage).inc()
  }
  if (cost) {
    meters.cost(model, deployment, family).inc(cost.microUsd)
    meters.maybeCost(model, deployment, family).inc(cost.maybeMicroUsd)
    meters.unpriced(model, deployment, family).inc(cost.unpricedImages)
  }
  if (call) {
    meters.retries(model).inc(call.retries)
    meters.fallbacks(model).inc(call.fallbacks)
  }
}

/** The request that ordered the images has ended, so that only this counts them. */
const countJob: (meters: Meters, ...job: Parameters<Metrics["jobResumed"]>) => void = (
  meters,
  { model, provider, job },
  result,
) => {
  const family = litellmProvider(provider)
  meters.jobs(model, family, result.status).inc()
  if (!("slots" in result)) return
  const deployment = job?.adapter ?? "none"
  for (const { status } of result.slots) meters.images(model, deployment, family, status).inc()
  meters.cost(model, deployment, family).inc(result.cost.microUsd)
}

/** Label values come from the configuration or a fixed list, so that no caller can add series. */
export const createMetrics = (
  admission: Pick<Admission, "requests" | "bytes">,
  now: () => number,
): Metrics => {
  const registry = new Registry()
  const registers = [registry]
  const meters = { ...createCounters(registers), ...createHistograms(registers) }
  const gauge = (name: string, help: string, read: () => number): Gauge =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read())
      },
    })
  gauge("pictor_requests_in_flight", "Requests in flight.", admission.requests)
  gauge("pictor_bytes_in_flight", "Bytes of requests and answers in memory.", admission.bytes)
  collectDefaultMetrics({ register: registry })
  return {
    middleware: { name: "metrics", call: measureCalls(meters, now) },
    ended: (record, end) => {
      const { status, durationMs, overheadMs } = end
      const { route, call, bytesIn, bytesOut } = record
      meters.requests(route, String(status)).inc()
      meters.duration(route, call?.deployment?.model ?? "none").observe(durationMs / 1000)
      meters.overhead(route).observe(overheadMs / 1000)
      meters.bytesIn().inc(bytesIn)
      meters.bytesOut().inc(bytesOut)
      countImages(meters, record, end)
    },
    shed: () => meters.shed().inc(),
    ledgerFailed: (operation, thrown) => meters.ledgerFailures(operation, codeOf(thrown)).inc(),
    jobResumed: (row, result) => countJob(meters, row, result),
    page: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  }
}
