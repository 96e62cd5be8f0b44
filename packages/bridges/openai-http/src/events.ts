import type { Change, GenerateOptions, Image, ImagesEvent, PartialEvent } from "@pictor/core"
import { encodeBase64 } from "@pictor/core/host"
import type { ApiError } from "./errors.ts"
import {
  base64Pieces,
  type Delivery,
  describeImage,
  type GenerationResult,
  type InlineImage,
  imageHeaders,
  inlineImage,
  reportOf,
  unreadableWarnings,
  usageOf,
} from "./image-response.ts"
import type { ParsedRequest } from "./parse-request.ts"
import { publicChanges } from "./public-names.ts"
import { bufferedResponse, type Piece, partsOf } from "./response.ts"
import type { HttpResponse } from "./types.ts"

const contentType = "text/event-stream; charset=utf-8"
const noCache = { "cache-control": "no-cache" }

/** @param report only for the last image */
const completedEvent = (
  parsed: ParsedRequest,
  changes: readonly Change[],
  { image, base64 }: InlineImage,
  created: number,
  report: object = {},
): readonly Piece[] => {
  const type = `image_${parsed.kind === "edits" ? "edit" : "generation"}.completed`
  const {
    size = "auto",
    quality = "auto",
    output_format = "png",
    background = "auto",
  } = describeImage(parsed, changes, image)
  const tail = JSON.stringify({
    created_at: created,
    size,
    quality,
    output_format,
    background,
    usage: usageOf(),
    ...report,
  })
  return base64Pieces(`event: ${type}\ndata: {"type":"${type}",`, base64, `,${tail.slice(1)}\n\n`)
}

const event = (type: string, data: object): readonly Piece[] => [
  `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`,
]

/** A preliminary picture, which is small: it is written as one text. */
const partialEvent = (
  { kind }: ParsedRequest,
  { plan: { outputSize, resolved }, step, data }: PartialEvent,
  created: number,
): readonly Piece[] => {
  const { quality = "auto", outputFormat = "png", background = "auto" } = resolved
  return event(`image_${kind === "edits" ? "edit" : "generation"}.partial_image`, {
    b64_json: base64Of(data),
    partial_image_index: step,
    created_at: created,
    size: outputSize ? `${outputSize.width}x${outputSize.height}` : "auto",
    quality,
    output_format: outputFormat,
    background,
  })
}

const base64Of = (data: PartialEvent["data"]): string => {
  if (typeof data === "string") return data
  return "bytes" in data ? encodeBase64(data.bytes) : new TextDecoder().decode(data.base64)
}

/** The remaining images. The last event carries the report, alone if no image remains. */
const lastEvents = (delivery: Delivery, remaining: readonly InlineImage[]): readonly Piece[] => {
  const { parsed, result, created } = delivery
  // Earlier events were sent before the usage of the whole request was known.
  const report = { usage: usageOf(result.usage), pictor: reportOf(delivery) }
  if (remaining.length === 0) return event("pictor.report", report)
  return remaining.flatMap((each, index) =>
    completedEvent(
      parsed,
      result.changes,
      each,
      created,
      index === remaining.length - 1 ? report : {},
    ),
  )
}

/** A stream whose images are all ready. It has a known length and a known cost. */
export const wholeStreamResponse = (delivery: Delivery): HttpResponse => {
  const images = delivery.images.filter((each) => "base64" in each)
  const { model, changes, cost, outcome } = delivery.result
  const headers = { ...imageHeaders(delivery.parsed, model, changes, cost), ...noCache }
  return {
    ...bufferedResponse(lastEvents(delivery, images), contentType, headers),
    ...outcome,
  }
}

export type Listeners = Pick<GenerateOptions, "onImages" | "onPartial">

interface StreamOptions {
  readonly parsed: ParsedRequest
  readonly created: () => number
  readonly generate: (listeners: Listeners, signal: AbortSignal) => Promise<GenerationResult>
  /** Responds to a result of which nothing has been sent. */
  readonly respond: (result: GenerationResult) => Promise<HttpResponse>
  readonly toApiError: (thrown: unknown) => ApiError
}

/** Sends images as they arrive. The last image waits for the report. */
const createSender = (
  { parsed, created }: StreamOptions,
  send: (pieces: readonly Piece[]) => void,
) => {
  const sent: InlineImage[] = []
  const sentImages = new Set<Image>()
  return {
    /** Returns whether anything has been sent so far. */
    sendArrived: ({ images, plan, callsLeft }: ImagesEvent): boolean => {
      if (callsLeft === 0 && sent.length === 0) return false
      const readable = images.flatMap(inlineImage)
      const changes = publicChanges(parsed, plan.changes)
      for (const each of callsLeft === 0 ? readable.slice(0, -1) : readable) {
        sent.push(each)
        sentImages.add(each.image)
        send(completedEvent(parsed, changes, each, created()))
      }
      return sent.length > 0
    },
    sendRemaining: (result: GenerationResult): void => {
      const remaining = result.images.filter((image) => !sentImages.has(image)).flatMap(inlineImage)
      const images = [...sent, ...remaining]
      const unreadable = unreadableWarnings(result.images.length - images.length)
      const complete = { ...result, warnings: [...result.warnings, ...unreadable] }
      send(lastEvents({ parsed, result: complete, images, created: created() }, remaining))
    },
  }
}

/**
 * Responds with one event per image as it arrives. The response starts with the first event, which
 * is a preliminary picture or the image of one call. A request that fails earlier keeps its HTTP
 * status. A request whose images arrive together has its cost in a header.
 */
export const streamImages = async (options: StreamOptions): Promise<HttpResponse> => {
  const { parsed, created, generate, respond, toApiError } = options
  const stop = new AbortController()
  const { parts, push, close } = createAsyncQueue(() => stop.abort())
  const send = (pieces: readonly Piece[]): void => push(partsOf(pieces))
  const { sendArrived, sendRemaining } = createSender(options, send)
  const started = Promise.withResolvers<Pick<ImagesEvent, "plan">>()
  const listeners: Listeners = {
    onImages: (arrived) => {
      if (sendArrived(arrived)) started.resolve(arrived)
    },
    onPartial: (partial) => {
      send(partialEvent(parsed, partial, created()))
      started.resolve(partial)
    },
  }
  const generating = generate(listeners, stop.signal)
  const first = await Promise.race([started.promise, generating.then(() => undefined)])
  if (!first) return respond(await generating)
  const ended = generating
    .then((result) => {
      sendRemaining(result)
      return result.outcome
    })
    .catch((thrown: unknown) => {
      const { body, cause } = toApiError(thrown)
      send(event("error", body))
      return cause ? { error: cause } : {}
    })
    .finally(close)
  const { model, changes } = first.plan
  const headers = {
    "content-type": contentType,
    ...imageHeaders(parsed, model, publicChanges(parsed, changes)),
    ...noCache,
  }
  return { status: 200, headers, parts, ended }
}

/** A queue of chunks with one consumer, which calls `onReturn` when it stops before the end. */
const createAsyncQueue = (onReturn: () => void) => {
  const waiting: Uint8Array[] = []
  let closed = false
  let wake = (): void => undefined
  const mustWait = (): boolean => waiting.length === 0 && !closed
  const next = async (): Promise<IteratorResult<Uint8Array, undefined>> => {
    while (mustWait())
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    const value = waiting.shift()
    return value ? { value, done: false } : { value: undefined, done: true }
  }
  const stop = async (): Promise<IteratorResult<Uint8Array, undefined>> => {
    closed = true
    waiting.length = 0
    wake()
    onReturn()
    return { value: undefined, done: true }
  }
  // A generator cannot react to `return()` while it awaits the next chunk.
  const parts: AsyncIterable<Uint8Array> = {
    [Symbol.asyncIterator]: () => ({ next, return: stop }),
  }
  return {
    parts,
    push: (chunks: readonly Uint8Array[]): void => {
      if (closed) return
      waiting.push(...chunks)
      wake()
    },
    close: (): void => {
      closed = true
      wake()
    },
  }
}
