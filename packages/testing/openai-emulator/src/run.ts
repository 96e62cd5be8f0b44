import { createHash } from "node:crypto"
import { type Answer, failureAnswer, htmlAnswer, jsonAnswer } from "./answer.ts"
import type { Checked } from "./check.ts"
import { failures, invalidRequest } from "./errors.ts"
import type { Fault } from "./faults.ts"
import { type Amount, deliveredCount, imagesReply, jobUsage, streamEvents } from "./generate.ts"
import { type Job, jobOf } from "./job.ts"
import { xaiModels } from "./models.ts"
import { type Inputs, readInputs } from "./picture.ts"
import type { Operation } from "./schemas.ts"
import { type BillEntry, chargeOf, type Usage } from "./usage.ts"
import { xaiReply } from "./xai.ts"

export type RunContext = {
  readonly operation: Operation
  readonly checked: Checked
  readonly fault: Fault | undefined
  readonly requestId: string
  readonly seed: number
  readonly created: number
  readonly headers: Readonly<Record<string, string>>
  readonly charge: (entry: BillEntry) => void
  /** Whether this input was sent before. */
  readonly isCached: (inputKey: string) => boolean
  /** Keeps a picture and returns its URL. */
  readonly store: (bytes: Uint8Array) => string
}

/** The answer to an accepted body: moderation, then pictures, then the bill. */
export const run = async (context: RunContext): Promise<Answer> => {
  const { operation, checked, fault, seed, headers } = context
  const { model } = checked
  const isXai = Object.hasOwn(xaiModels, model)
  const job = jobOf(operation, checked, seed)
  const inputs = await readInputs(job)
  if ("code" in inputs) return failureAnswer(invalidRequest(inputs), model, headers)
  if (fault !== undefined && isModeration(fault) && !(isXai && fault.kind === "moderation-output"))
    return failureAnswer(failures[fault.kind], model, headers)
  if (isXai) return runXai(context, inputs)
  return checked.fields["stream"] === true
    ? runStream(context, job, inputs)
    : runWhole(context, job, inputs)
}

type Moderation = Fault & {
  readonly kind: "moderation-input" | "moderation-output" | "moderation-unknown"
}

export const isModeration = (fault: Fault): fault is Moderation =>
  fault.kind.startsWith("moderation-")

const runXai = async (context: RunContext, inputs: Inputs): Promise<Answer> => {
  const { requestId, checked, charge, headers, fault } = context
  const { body, images, microUsd } = await xaiReply({ ...context, inputs })
  charge({ requestId, model: checked.model, images, microUsd })
  return broken(jsonAnswer(200, body, headers), fault)
}

const runWhole = async (context: RunContext, job: Job, inputs: Inputs): Promise<Answer> => {
  const { created, fault, headers } = context
  const count = deliveredCount(job, fault)
  const cached = context.isCached(inputKey(job))
  const billed = chargeUsage(context, job, { count, partials: 0, cached })
  const usage = fault?.kind === "no-usage" ? undefined : billed
  const reply = await imagesReply(job, inputs, { created, usage, count })
  return broken(jsonAnswer(200, reply, headers), fault)
}

const runStream = (context: RunContext, job: Job, inputs: Inputs): Answer => {
  const { created, fault, headers } = context
  const count = deliveredCount(job, fault)
  const cached = context.isCached(inputKey(job))
  const partials = job.partialImages * count
  if (fault?.kind !== "stream-error") chargeUsage(context, job, { count, partials, cached })
  return {
    status: 200,
    headers: { ...headers, "content-type": "text/event-stream", "cache-control": "no-cache" },
    body: streamEvents(job, inputs, { created, cached, count, fault }),
  }
}

const chargeUsage = ({ requestId, charge }: RunContext, job: Job, amount: Amount): Usage => {
  const usage = jobUsage(job, amount)
  const microUsd = chargeOf(job.model, usage)
  charge({ requestId, model: job.model, images: amount.count, usage, microUsd })
  return usage
}

const inputKey = ({ model, prompt, uploads: { images, mask, markup } }: Job): string => {
  const key = createHash("sha256").update(JSON.stringify([model, prompt]))
  for (const upload of [...images, mask, markup]) if (upload !== undefined) key.update(upload.bytes)
  return key.digest("hex")
}

/** A reply that is no JSON, by a fault. */
const broken = (answer: Answer, fault: Fault | undefined): Answer => {
  const { body } = answer
  if (fault?.kind === "html-502") return htmlAnswer
  return fault?.kind === "malformed" && body instanceof Uint8Array
    ? { ...answer, body: body.subarray(0, Math.floor(body.length / 2)) }
    : answer
}
