import { checkRequest } from "./check.ts"
import { blockReasonOf, type Fault, finishReasonOf } from "./faults.ts"
import { type Model, modelOf, outputTokenLimit } from "./models.ts"
import { drawPicture, drawThought, type Inputs, type Picture, tierOf } from "./pictures.ts"
import { type ImageRequest, levelOf } from "./request.ts"
import type { Api } from "./schema.ts"
import {
  cutAt,
  microUsd,
  type Plan,
  type PromptUsage,
  pictureTokens,
  promptUsage,
  thoughtsAt,
  type Usage,
  usageMetadata,
} from "./usage.ts"

type Part = {
  readonly text?: string
  readonly inlineData?: Picture
  readonly thought?: true
  readonly thoughtSignature?: string
}

export type Job = {
  readonly model: Model
  readonly api: Api
  readonly request: ImageRequest
  readonly inputs: Inputs | "none"
  readonly seed: number
  readonly fault: Fault | undefined
  readonly responseId: string
  readonly createTime: string
}

/** A reply, and its usage if it is billed. */
export type Reply = { readonly body: object; readonly billed?: Usage }

/** The model's reply to an accepted request. A refused prompt is not billed. */
export const replyTo = async (job: Job): Promise<Reply> => {
  const spent = promptUsage(job.model, job.request)
  const blockReason = blockReasonOf(job.fault?.kind)
  if (blockReason === undefined) return candidate(job, spent)
  const usage = { ...spent, thoughts: 0, outputText: 0, outputImage: 0 }
  const message = { blockReasonMessage: "The prompt was blocked by a content filter." }
  const promptFeedback = { blockReason, ...(job.api === "vertex" ? message : {}) }
  return { body: { promptFeedback, ...ending(job, usage) } }
}

const ending = ({ model, api, responseId, createTime }: Job, usage: Usage): object => {
  const metadata = usageMetadata(usage)
  return {
    usageMetadata: api === "vertex" ? { ...metadata, trafficType: "ON_DEMAND" } : metadata,
    modelVersion: model.id,
    ...(api === "vertex" ? { createTime } : {}),
    responseId,
  }
}

/**
 * What a call costs that draws a picture, in micro-USD, without drawing it. Undefined for a body
 * that is rejected.
 */
export const chargeOf = (
  modelId: string,
  body: unknown,
  api: Api = "gemini",
): number | undefined => {
  const model = modelOf(modelId)
  if (model === undefined) return undefined
  const checked = checkRequest(model, api, body)
  if ("violations" in checked) return undefined
  const { request } = checked
  const { usage } = planOf({ model, request, fault: undefined })
  return microUsd(model, { ...promptUsage(model, request), ...usage })
}

type Ordered = Pick<Job, "model" | "request" | "fault">

/** The tokens come first, so that a reply beyond its limit is cut before anything is drawn. */
const planOf = ({ model, request, fault }: Ordered): Plan => {
  const refused = finishReasonOf(fault?.kind)
  return cutAt(limitOf(request, fault), {
    thoughts: thoughtsAt(levelOf(model, request), request.thinkingBudget),
    words: wordsOf(request, refused),
    pictures: refused === undefined ? picturesOf(fault) : 0,
    pictureTokens: pictureTokens(model, tierOf(model, request)),
  })
}

const candidate = async (job: Job, spent: PromptUsage): Promise<Reply> => {
  const refused = finishReasonOf(job.fault?.kind)
  const plan = planOf(job)
  const usage: Usage = { ...spent, ...plan.usage }
  const parts = await partsOf(job, plan)
  const finishReason = plan.isCut ? "MAX_TOKENS" : (refused ?? "STOP")
  const one = {
    ...(parts.length === 0 ? {} : { content: { role: "model", parts } }),
    finishReason,
    ...(finishReason === "STOP" ? {} : { finishMessage: `The reply ended: ${finishReason}.` }),
    index: 0,
  }
  return { body: { candidates: [one], ...ending(job, usage) }, billed: usage }
}

const limitOf = (request: ImageRequest, fault: Fault | undefined): number => {
  const limit = request.maxOutputTokens ?? outputTokenLimit
  return fault?.kind === "max-tokens" ? Math.min(limit, maxTokensFault) : limit
}

/** Cuts a reply in its words or its first picture. */
const maxTokensFault = 64

const picturesOf = (fault: Fault | undefined): number =>
  fault?.kind === "more-images" ? 1 + (fault.count ?? 1) : 1

const wordsOf = ({ wordsToo }: ImageRequest, refused: string | undefined): string => {
  if (refused === "NO_IMAGE" || refused === "STOP") return "I can only describe this picture."
  if (refused !== undefined) return ""
  return wordsToo ? "Here is the picture." : ""
}

/** Thoughts, words and pictures; the last picture is the result. */
const partsOf = async (job: Job, { words, pictures, usage }: Plan): Promise<readonly Part[]> => {
  const { includeThoughts } = job.request
  const parts: Part[] = []
  if (usage.thoughts > 0 && includeThoughts === true)
    parts.push({ thought: true, text: "Composing the picture." })
  if (usage.thoughts > 0 && includeThoughts !== false && pictures > 0)
    parts.push({ thought: true, inlineData: await drawThought(job) })
  if (words !== "") parts.push({ text: words })
  const signature = Buffer.from(`emulated ${job.responseId}`).toString("base64")
  for (let index = 0; index < pictures; index += 1)
    parts.push({
      inlineData: await drawPicture(job, index),
      ...(usage.thoughts > 0 ? { thoughtSignature: signature } : {}),
    })
  return parts
}
