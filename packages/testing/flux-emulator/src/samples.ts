import { createHmac } from "node:crypto"
import type { HttpBindings } from "@hono/node-server"
import { type Clock, deliver, goneSignal, sendPieces } from "@pictor/emulator-kit"
import { type Context, Hono } from "hono"
import { failures } from "./faults.ts"
import type { Job, JobTable } from "./jobs.ts"
import type { Recorder } from "./requests.ts"

type Env = { readonly Bindings: HttpBindings }

type Signer = (path: string) => string

/** Signs the path and the time of a result's URL. */
export const createSigner = (seed: number): Signer => {
  const key = `result URLs ${seed}`
  return (path) => createHmac("sha256", key).update(path).digest("hex")
}

/** The path of a result's URL. No key is needed for the download, which expires. */
export const samplePath = (job: Job, expiresAt: number, sign: Signer): string => {
  const path = `/results/${job.id}/sample.${job.format}?se=${Math.floor(expiresAt)}`
  return `${path}&sig=${sign(path)}`
}

type SampleOptions = {
  readonly jobs: JobTable
  readonly clock: Clock
  readonly sign: Signer
  readonly recorder: Recorder
}

/** The host of the results, which is not the API's. */
export const createSampleApp = ({ jobs, clock, sign, recorder }: SampleOptions): Hono<Env> => {
  const app = new Hono<Env>()
  app.get("/results/:id/:file", async (context) => {
    recorder.record("download", context.req.raw)
    // Storage hosts reject an authorization that they do not know.
    if (context.req.header("x-key") !== undefined)
      return context.text("The request has the API key, which this host must not get.", 400)
    const url = new URL(context.req.url)
    const signed = `${url.pathname}?se=${url.searchParams.get("se")}`
    if (url.searchParams.get("sig") !== sign(signed)) return context.text("Not signed.", 403)
    const job = jobs.find(context.req.param("id"))
    if (job === undefined) return context.text("No such result.", 404)
    if (job.render === undefined || clock.now() >= Number(url.searchParams.get("se")))
      return context.text("The result has expired.", 410)
    return download(context, jobs, job)
  })
  return app
}

const download = async (context: Context<Env>, jobs: JobTable, job: Job): Promise<Response> => {
  if (jobs.strikes(job, "download-error"))
    return context.json(failures.internal, failures.internal.status)
  const bytes = await job.render?.()
  if (bytes === undefined) return context.text("The result has expired.", 410)
  const headers = {
    "content-type": `image/${job.format}`,
    "content-length": String(bytes.length),
  }
  const head = { status: 200, headers }
  const signal = goneSignal(context.env)
  if (jobs.strikes(job, "reset-download")) return sendPieces(context.env, head, half(bytes), "cut")
  if (jobs.strikes(job, "slow-download")) {
    const pauseMs = job.fault?.delayMs ?? 250
    job.downloads += 1
    return sendPieces(context.env, head, deliver(bytes, { kind: "pieces", pauseMs }, signal))
  }
  job.downloads += 1
  return context.body(Uint8Array.from(bytes), 200, headers)
}

async function* half(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes.subarray(0, Math.ceil(bytes.length / 2))
}
