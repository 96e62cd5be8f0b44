import type { HttpBindings } from "@hono/node-server"
import {
  goneSignal,
  isJsonObject,
  type JsonObject,
  numberAt,
  pause,
  resetConnection,
} from "@pictor/emulator-kit"
import { Hono } from "hono"
import { endpoints } from "./endpoints.ts"
import { failures, pollFailure, type Status } from "./faults.ts"
import type { Job } from "./jobs.ts"
import { microUsdPerCredit } from "./prices.ts"
import { type ApiContext, answerFailure, createSubmit, type SubmitOptions } from "./submit.ts"

type ApiOptions = SubmitOptions & {
  /** The keys that are valid; undefined for any. */
  readonly keys: readonly string[] | undefined
  /** The URL of a finished job's result. */
  readonly sampleUrl: (job: Job) => string
  /** Moves the clock on. */
  readonly advance: (milliseconds: number) => void
}

/** Black Forest Labs' API, and routes below `/emulator` for tests in other processes. */
export const createApiApp = (options: ApiOptions): Hono<{ readonly Bindings: HttpBindings }> => {
  const { keys, credits, jobs, recorder, advance } = options
  const submit = createSubmit(options)
  const app = new Hono<{ readonly Bindings: HttpBindings }>()
  app.use("/v1/*", async (context, next) => {
    const key = context.req.header("x-key") ?? ""
    if (key === "") return answerFailure(context, { status: 403, detail: "Not authenticated" })
    if (keys !== undefined && !keys.includes(key)) return answerFailure(context, failures.forbidden)
    return next()
  })
  app.get("/v1/get_result", (context) => poll(context, options))
  app.get("/v1/credits", (context) =>
    context.json({
      credits: (credits ?? unlimitedCredits) - jobs.bill().microUsd / microUsdPerCredit,
    }),
  )
  app.post("/v1/:endpoint{.+}", (context) => submit(context, context.req.param("endpoint")))
  app.get("/emulator/bill", (context) => context.json(jobs.bill()))
  app.get("/emulator/requests", (context) =>
    context.json(recorder.requests.map(({ kind, method, path }) => ({ kind, method, path }))),
  )
  app.post("/emulator/clock", async (context) => {
    const body: unknown = await context.req.json().catch(() => undefined)
    const milliseconds = isJsonObject(body) ? numberAt(body, "advanceMs") : undefined
    if (milliseconds === undefined || milliseconds < 0)
      return answerFailure(context, { status: 400, detail: 'Send {"advanceMs": 1000}.' })
    advance(milliseconds)
    return context.body(null, 204)
  })
  app.notFound((context) => context.json({ detail: "Not Found" }, 404))
  app.onError((_, context) => answerFailure(context, failures.internal))
  return app
}

/** What the account of an emulator without `credits` shows. */
const unlimitedCredits = 1_000_000

const poll = async (context: ApiContext, options: ApiOptions): Promise<Response> => {
  const { jobs, recorder, latencyMs } = options
  recorder.record("poll", context.req.raw)
  await pause(latencyMs, goneSignal(context.env))
  const id = context.req.query("id")
  if (id === undefined)
    return answerFailure(context, {
      status: 422,
      detail: [{ loc: ["query", "id"], msg: "Field required", type: "missing" }],
    })
  const job = jobs.find(id)
  if (job === undefined) return context.json(report(id, "Task not found"), 404)
  const { fault } = job
  const failure = pollFailure(fault)
  if (fault !== undefined && failure !== undefined && jobs.strikes(job, fault.kind))
    return answerFailure(context, { ...failure, retryAfterSeconds: fault.retryAfterSeconds })
  if (jobs.strikes(job, "reset-poll")) return resetConnection(context.env)
  if (jobs.strikes(job, "slow-poll")) await pause(fault?.delayMs ?? 2000, goneSignal(context.env))
  job.polls += 1
  const status = jobs.status(job)
  return context.json(report(id, status, status === "Ready" ? finished(job, options) : {}))
}

const report = (id: string, status: Status, further: JsonObject = {}): JsonObject => ({
  id,
  status,
  result: null,
  progress: null,
  details: moderated[status] ?? null,
  ...further,
})

const moderated: { readonly [status in Status]?: JsonObject } = {
  "Request Moderated": { "Moderation Reasons": ["Safety Filter"] },
  "Content Moderated": { "Moderation Reasons": ["Safety Filter"] },
}

const finished = (job: Job, { sampleUrl }: ApiOptions): JsonObject => {
  const { submittedAt, finishedAt = submittedAt, seed, endpoint, charge } = job
  return {
    cost: charge.microUsd / microUsdPerCredit,
    result: {
      sample: sampleUrl(job),
      ...(endpoints[endpoint].seeded ? { seed } : {}),
      start_time: submittedAt / 1000,
      end_time: finishedAt / 1000,
      duration: (finishedAt - submittedAt) / 1000,
    },
  }
}
