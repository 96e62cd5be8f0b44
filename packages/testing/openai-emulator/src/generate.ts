import type { Fault } from "./faults.ts"
import type { Job } from "./job.ts"
import { encodePartial, encodePicture, type Inputs, paintJob } from "./picture.ts"
import { type Usage, usageOf } from "./usage.ts"

/** How many pictures a reply holds: all, or fewer by a fault. */
export const deliveredCount = ({ count }: Job, fault: Fault | undefined): number =>
  fault?.kind === "missing-images" ? Math.max(0, count - (fault.count ?? 1)) : count

/** Pictures drawn, partial images sent, and whether the input was sent before. */
export type Amount = {
  readonly count: number
  readonly partials: number
  readonly cached: boolean
}

export const jobUsage = (job: Job, amount: Amount): Usage =>
  usageOf({ ...job, ...amount, inputs: job.inputSizes })

type Facts = { readonly created: number; readonly usage: Usage | undefined }

/** The JSON reply of a job. */
export const imagesReply = async (
  job: Job,
  inputs: Inputs,
  { created, usage, count }: Facts & { readonly count: number },
): Promise<object> => {
  const data: object[] = []
  for (let index = 0; index < count; index += 1)
    data.push({ b64_json: await encodePicture(job, await paintJob(job, inputs, index), index) })
  return {
    created,
    background: job.background,
    data,
    output_format: job.format,
    quality: job.quality,
    safety_identifier: job.safetyIdentifier,
    size: sizeText(job),
    ...(job.format === "svg" ? { svg_usage: svgUsage(job) } : {}),
    ...(usage === undefined ? {} : { usage }),
  }
}

const sizeText = ({ size: { width, height } }: Job): string => `${width}x${height}`

/** The author's tokens are the emulator's own, and are not billed: no page states their price. */
const svgUsage = ({ prompt, svgModel }: Job): object => {
  const input = Math.ceil(Buffer.byteLength(prompt) / 4)
  return {
    model: svgModel,
    input_tokens: input,
    output_tokens: 900,
    reasoning_tokens: 300,
    total_tokens: input + 900,
  }
}

/** One picture's share of the usage: the input belongs to the first picture. */
const shareOf = (job: Job, index: number, cached: boolean): Usage =>
  jobUsage(index === 0 ? job : { ...job, prompt: "", inputSizes: [] }, {
    count: 1,
    partials: job.partialImages,
    cached,
  })

type StreamFacts = {
  readonly created: number
  readonly cached: boolean
  readonly count: number
  readonly fault: Fault | undefined
}

const encoder = new TextEncoder()

const event = (type: string, data: object): Uint8Array =>
  encoder.encode(`event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`)

/** The events of a job: each picture's partial images, then the picture itself. */
export async function* streamEvents(
  job: Job,
  inputs: Inputs,
  { created, cached, count, fault }: StreamFacts,
): AsyncGenerator<Uint8Array> {
  const prefix = job.operation === "edits" ? "image_edit" : "image_generation"
  const facts = {
    created_at: created,
    background: job.background,
    output_format: job.format,
    quality: job.quality,
    size: sizeText(job),
  }
  const ending = fault?.kind === "cut-stream" || fault?.kind === "stream-error"
  for (let index = 0; index < count; index += 1) {
    const painted = await paintJob(job, inputs, index)
    for (let partial = 0; partial < job.partialImages; partial += 1) {
      yield event(`${prefix}.partial_image`, {
        b64_json: await encodePartial(job, painted, partial),
        partial_image_index: partial,
        ...facts,
      })
      if (ending && partial + 1 >= (fault.count ?? 1)) break
    }
    if (ending) {
      if (fault.kind === "stream-error") yield event("error", streamError)
      return
    }
    yield event(`${prefix}.completed`, {
      b64_json: await encodePicture(job, painted, index),
      ...facts,
      usage: shareOf(job, index, cached),
      safety_identifier: job.safetyIdentifier,
    })
  }
}

const streamError = {
  error: {
    type: "image_generation_server_error",
    code: "image_generation_failed",
    message: "The server had an error while generating the image.",
    param: null,
  },
}
