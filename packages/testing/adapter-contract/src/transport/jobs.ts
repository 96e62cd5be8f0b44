import type { Job } from "@pictor/core/adapter"
import type { JobAnswer, JobContract, TransportClause, TransportContext } from "./contract.ts"
import { bytesOf, count, failureOf, verdictOf, within } from "./helpers.ts"
import { answer, type KitServer, type Respond } from "./server.ts"

type Poll = JobAnswer | Respond

/** Skipped unless the contract has jobs, so they are there. */
const jobsOf = ({ contract }: TransportContext): JobContract => contract.jobs as JobContract

/** Accepts a job, and answers its polls with these, the last one again and again. */
const provide = async (context: TransportContext, polls: readonly Poll[], host?: string) => {
  const { submitted } = jobsOf(context)
  let polled = 0
  const server: KitServer = await context.serve((response, received, cut) => {
    if (received.method !== "GET")
      return answer(200, submitted(`${host ?? server.url}/job-7`))(response, received, cut)
    const poll = polls[Math.min(polled++, polls.length - 1)]
    if (typeof poll === "function") return poll(response, received, cut)
    answer(poll?.status ?? 200, poll?.body ?? {})(response, received, cut)
  })
  return { server, transport: context.connect({ url: server.url }) }
}

const jobReported: TransportClause = async (context) => {
  const { call, running, ended } = jobsOf(context)
  const { server, transport } = await provide(context, [running, running, ended])
  const polls: number[] = []
  const jobs: Job[] = []
  const onSubmitted = async (job: Job): Promise<void> => {
    // A transport that does not wait polls in this time.
    await new Promise((resolve) => setTimeout(resolve, 60))
    jobs.push(job)
    polls.push(count(server, "GET"))
  }
  const reply = await within(transport.invoke({ ...call, onSubmitted }), "the job")
  context.expect([jobs.length, polls], "jobs reported, polls before").toEqual([1, [0]])
  context.expect(jobs[0]?.id, "the job's id").toBeTruthy()
  context.expect(JSON.parse(bytesOf(reply).toString()), "the reply").toEqual(ended.body)
}

const jobUnreported: TransportClause = async (context) => {
  const { call, ended } = jobsOf(context)
  const { transport } = await provide(context, [ended])
  const onSubmitted = () => Promise.reject(new Error("the disk is full"))
  const reply = await within(transport.invoke({ ...call, onSubmitted }), "the job")
  context.expect(JSON.parse(bytesOf(reply).toString()), "the reply").toEqual(ended.body)
}

const jobAgain: TransportClause = async (context) => {
  const { call, ended } = jobsOf(context)
  const failures: readonly Respond[] = [
    answer(500, {}),
    answer(503, {}),
    (_response, _received, cut) => cut(),
  ]
  const { server, transport } = await provide(context, [...failures, ended])
  await within(transport.invoke(call), "the job")
  context.expect([count(server, "POST"), count(server, "GET")], "submits, polls").toEqual([1, 4])
}

const jobLost: TransportClause = async (context) => {
  const { call, running, lost } = jobsOf(context)
  const { transport } = await provide(context, [running, lost])
  const error = await failureOf(context, transport.invoke(call), "a lost job")
  context
    .expect(verdictOf(error))
    .toEqual({ code: "provider_failed", retryable: false, maybeBilled: true })
}

const jobAbort: TransportClause = async (context) => {
  const { call, running } = jobsOf(context)
  const controller = new AbortController()
  const { server, transport } = await provide(context, [
    running,
    (response, received, cut) => {
      answer(running.status ?? 200, running.body)(response, received, cut)
      controller.abort()
    },
  ])
  const invoked = transport.invoke({ ...call, signal: controller.signal })
  const error = await failureOf(context, invoked, "an aborted job")
  context.expect(verdictOf(error)).toEqual({ code: "aborted", retryable: false, maybeBilled: true })
  context.expect([count(server, "POST"), count(server, "GET")], "submits, polls").toEqual([1, 2])
}

const jobLate: TransportClause = async (context) => {
  const { call, submitted } = jobsOf(context)
  const controller = new AbortController()
  const held = Promise.withResolvers<void>()
  const server: KitServer = await context.serve((response, received, cut) => {
    controller.abort()
    void held.promise.then(() =>
      answer(200, submitted(`${server.url}/job-7`))(response, received, cut),
    )
  })
  const reported = Promise.withResolvers<Job>()
  const invoked = context.connect({ url: server.url }).invoke({
    ...call,
    signal: controller.signal,
    onSubmitted: async (job) => reported.resolve(job),
  })
  const error = await failureOf(context, invoked, "a submit that is aborted")
  context.expect(verdictOf(error)).toEqual({ code: "aborted", retryable: false, maybeBilled: true })
  held.resolve()
  const job = await within(reported.promise, "the report of the job")
  context.expect(job.id, "the job's id").toBeTruthy()
}

const jobForeign: TransportClause = async (context) => {
  const { call, ended } = jobsOf(context)
  const other = await context.serve(answer(200, ended.body))
  const { transport } = await provide(context, [ended], other.url.replace("127.0.0.1", "localhost"))
  const error = await failureOf(context, transport.invoke(call), "a job on another host")
  context.expect(error.maybeBilled, "maybe billed").toBe(true)
  context.expect(other.requests.length, "polls on the other host").toBe(0)
}

const jobResume: TransportClause = async (context) => {
  const { call, running, lost, ended } = jobsOf(context)
  const looks = { running, lost, ended } as const
  for (const [name, poll] of Object.entries(looks)) {
    const { server, transport } = await provide(context, [poll])
    const job = { id: "job-7", url: `${server.url}/job-7` }
    const seen = await within(transport.resume?.(job, call) ?? Promise.resolve(undefined), name)
    if (name !== "ended") context.expect(seen, name).toBe(name)
    else context.expect(typeof seen, "a job that has ended").toBe("object")
    context.expect([count(server, "POST"), count(server, "GET")], "submits, polls").toEqual([0, 1])
  }
}

export const jobClauses = {
  "job-reported": jobReported,
  "job-unreported": jobUnreported,
  "job-again": jobAgain,
  "job-lost": jobLost,
  "job-abort": jobAbort,
  "job-late": jobLate,
  "job-foreign": jobForeign,
  "job-resume": jobResume,
} as const
