import { isImageError, type Middleware } from "@pictor/core"
import type { CallAnswer } from "@pictor/core/host"
import { collectDefaultMetrics, Gauge, Registry } from "prom-client"
import type { Admission } from "../http/admission.ts"
import { calls } from "../request-context.ts"
import { chargeOf, overheadMs, type Visit, type VisitEnd } from "./request-record.ts"
import { counterOf, histogramOf } from "./series.ts"

/** Seconds: pictures take from one to some sixty, refusals next to nothing. */
const durations = [0.005, 0.05, 0.25, 0.5, 1, 2, 4, 8, 16, 32, 64, 128, 300, 600]
const overheads = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5]

const perModel = ["model", "deployment"] as const

const imageCounters = (registers: Registry[]) => ({
  images: counterOf({
    name: "pictor_images_total",
    help: "Ordered images, by what became of them.",
    labelNames: ["model", "deployment", "outcome"],
    registers,
  }),
  filtered: counterOf({
    name: "pictor_images_filtered_total",
    help: "Filtered images, by where the filter spoke.",
    labelNames: ["model", "stage"],
    registers,
  }),
  providerBytes: counterOf({
    name: "pictor_provider_bytes_total",
    help: "Bytes of providers' replies, which are images but for a few.",
    labelNames: perModel,
    registers,
  }),
  cost: counterOf({
    name: "pictor_cost_micro_usd_total",
    help: "Charged, in millionths of a US dollar.",
    labelNames: perModel,
    registers,
  }),
  maybe: counterOf({
    name: "pictor_maybe_cost_micro_usd_total",
    help: "Charged or not, nobody knows yet.",
    labelNames: perModel,
    registers,
  }),
  unpriced: counterOf({
    name: "pictor_unpriced_images_total",
    help: "Charged images whose price nobody knows.",
    labelNames: perModel,
    registers,
  }),
})

const requestCounters = (registers: Registry[]) => ({
  requests: counterOf({
    name: "pictor_requests_total",
    help: "Requests, by route and status.",
    labelNames: ["route", "status"],
    registers,
  }),
  bytesIn: counterOf({
    name: "pictor_request_bytes_total",
    help: "Bytes of requests' bodies.",
    registers,
  }),
  bytesOut: counterOf({
    name: "pictor_response_bytes_total",
    help: "Bytes of answers' bodies.",
    registers,
  }),
  shed: counterOf({
    name: "pictor_shed_total",
    help: "Requests refused because there was too much to do.",
    registers,
  }),
  retries: counterOf({
    name: "pictor_retries_total",
    help: "Calls made again.",
    labelNames: ["model"],
    registers,
  }),
  fallbacks: counterOf({
    name: "pictor_fallbacks_total",
    help: "Requests that went to another model.",
    labelNames: ["model"],
    registers,
  }),
  ledgerFailures: counterOf({
    name: "pictor_ledger_failures_total",
    help: "Ledger operations that failed.",
    labelNames: ["operation", "code"],
    registers,
  }),
})

const histograms = (registers: Registry[]) => ({
  duration: histogramOf({
    name: "pictor_request_duration_seconds",
    help: "From a request's first byte to its answer's last.",
    labelNames: ["route", "model"],
    buckets: durations,
    registers,
  }),
  overhead: histogramOf({
    name: "pictor_overhead_seconds",
    help: "The gateway's own part of that.",
    labelNames: ["route"],
    buckets: overheads,
    registers,
  }),
  call: histogramOf({
    name: "pictor_provider_call_seconds",
    help: "Provider calls, by what came of them.",
    labelNames: ["model", "deployment", "outcome"],
    buckets: durations,
    registers,
  }),
})

export interface Metrics {
  readonly middleware: Middleware
  /** Counts a request that has ended. */
  ended(visit: Visit, end: VisitEnd): void
  shed(): void
  ledgerFailed(operation: string, thrown: unknown): void
  /** The page that Prometheus reads. */
  page(): Promise<{ readonly contentType: string; readonly text: string }>
}

type Meters = ReturnType<typeof imageCounters> &
  ReturnType<typeof requestCounters> &
  ReturnType<typeof histograms>

const outcomeOf = ({ outcomes }: CallAnswer): string =>
  outcomes.find(({ status }) => status !== "delivered")?.status ?? "delivered"

const timeCalls =
  ({ call: seconds, providerBytes }: Meters, now: () => number): NonNullable<Middleware["call"]> =>
  async (attempt, next) => {
    const { model } = attempt.call
    const deployment = calls.getStore()?.deployment?.id ?? "none"
    const startedMs = now()
    const done = (outcome: string): void =>
      seconds((now() - startedMs) / 1000, model, deployment, outcome)
    try {
      const answer = await next(attempt)
      done(outcomeOf(answer))
      providerBytes(answer.bytes, model, deployment)
      return answer
    } catch (thrown) {
      done(isImageError(thrown) ? thrown.code : "unexpected")
      throw thrown
    }
  }

const countImages = (meters: Meters, visit: Visit): void => {
  const { answer, call } = visit
  const { slots, cost } = chargeOf(visit)
  const model = call?.deployment?.model ?? answer?.result?.model ?? "none"
  const deployment = call?.deployment?.id ?? "none"
  for (const slot of slots) {
    meters.images(1, model, deployment, slot.status)
    if (slot.status === "filtered") meters.filtered(1, model, slot.stage)
  }
  if (cost) {
    meters.cost(cost.microUsd, model, deployment)
    meters.maybe(cost.maybeMicroUsd, model, deployment)
    meters.unpriced(cost.unpricedImages, model, deployment)
  }
  if (call) {
    meters.retries(call.retries, model)
    meters.fallbacks(call.fallbacks, model)
  }
}

/** Meters of one gateway. Every label has a value out of the configuration or of a fixed list, so that nobody outside can make series. */
export const createMetrics = (
  admission: Pick<Admission, "requests" | "bytes">,
  now: () => number,
): Metrics => {
  const registry = new Registry()
  const registers = [registry]
  const meters: Meters = {
    ...imageCounters(registers),
    ...requestCounters(registers),
    ...histograms(registers),
  }
  const gauge = (name: string, help: string, read: () => number): Gauge =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read())
      },
    })
  gauge("pictor_requests_in_flight", "Requests under way.", admission.requests)
  gauge("pictor_bytes_in_flight", "Bytes of requests and answers that are held.", admission.bytes)
  collectDefaultMetrics({ register: registry })
  return {
    middleware: { name: "metrics", call: timeCalls(meters, now) },
    ended: (visit, { status, durationMs }) => {
      const { route, call, bytesIn, bytesOut } = visit
      meters.requests(1, route, String(status))
      meters.duration(durationMs / 1000, route, call?.deployment?.model ?? "none")
      meters.overhead(overheadMs(visit, durationMs) / 1000, route)
      meters.bytesIn(bytesIn)
      meters.bytesOut(bytesOut)
      countImages(meters, visit)
    },
    shed: () => meters.shed(1),
    ledgerFailed: (operation, thrown) =>
      meters.ledgerFailures(1, operation, isImageError(thrown) ? thrown.code : "unexpected"),
    page: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  }
}
