import type { Change, Image, ImagesEvent } from "@pictor/core"
import { answerOf, envelope, type Piece, partsOf } from "./answer.ts"
import { type Delivered, type Delivery, headersOf, looks, report, spliced } from "./deliver.ts"
import type { Problem } from "./fault.ts"
import { endOf, type Made } from "./made.ts"
import { createPieces } from "./pieces.ts"
import type { Order } from "./read-order.ts"
import { inline, unreadable } from "./store.ts"
import type { Answer } from "./types.ts"

const type = "text/event-stream; charset=utf-8"
const noCache = { "cache-control": "no-cache" }

// The client's types require it. These models count no tokens, so that 0 is what was used.
const usage = {
  input_tokens: 0,
  input_tokens_details: { image_tokens: 0, text_tokens: 0 },
  output_tokens: 0,
  total_tokens: 0,
}

type Inline = Extract<Delivered, { readonly base64: Uint8Array }>

/** `more`: what only the last one has. */
const completed = (
  order: Order,
  changes: readonly Change[],
  { image, base64 }: Inline,
  created: number,
  more: object = {},
): readonly Piece[] => {
  const name = `image_${order.kind === "edits" ? "edit" : "generation"}.completed`
  const {
    size = "auto",
    quality = "auto",
    output_format = "png",
    background = "auto",
  } = looks(order, changes, image)
  const tail = JSON.stringify({
    created_at: created,
    size,
    quality,
    output_format,
    background,
    usage,
    ...more,
  })
  return spliced(`event: ${name}\ndata: {"type":"${name}",`, base64, `,${tail.slice(1)}\n\n`)
}

const event = (name: string, data: object): readonly Piece[] => [
  `event: ${name}\ndata: ${JSON.stringify({ type: name, ...data })}\n\n`,
]

/** The images that have not been sent, the last of them with the report; it comes alone where there is none. */
const lastEvents = (delivery: Delivery, rest: readonly Inline[]): readonly Piece[] => {
  const { order, made, created } = delivery
  const more = { pictor: report(delivery) }
  if (rest.length === 0) return event("pictor.report", more)
  return rest.flatMap((each, index) =>
    completed(order, made.changes, each, created, index === rest.length - 1 ? more : {}),
  )
}

/** A whole answer, whose images are all there, as events. */
export const wholeEvents = (delivery: Delivery): Answer => {
  const images = delivery.images.filter((each): each is Inline => "base64" in each)
  return answerOf(200, type, lastEvents(delivery, images), {
    ...headersOf(delivery.order, delivery.made),
    ...noCache,
  })
}

/** How a request is run whose images are sent as they come. */
export interface Making {
  /** Stops it. */
  readonly signal: AbortSignal
  readonly onImages: (arrival: ImagesEvent) => void
}

/** What answering a request as events takes. */
export interface Streaming {
  readonly order: Order
  /** Seconds since 1970. */
  readonly now: () => number
  readonly make: (making: Making) => Promise<Made>
  /** Of all images at once. */
  readonly whole: (made: Made) => Promise<Answer>
  readonly failed: (thrown: unknown) => {
    readonly problem: Problem
    readonly error: NonNullable<Answer["error"]>
  }
}

/** Sends images as they come; the last one waits for the report. */
const createSending = ({ order, now }: Streaming, add: (pieces: readonly Piece[]) => void) => {
  const sent: Inline[] = []
  const known = new Set<Image>()
  return {
    /** Has anything gone out after it? */
    arrived: ({ images, plan, callsLeft }: ImagesEvent): boolean => {
      if (callsLeft === 0 && sent.length === 0) return false
      const readable = images.flatMap(inline)
      for (const each of callsLeft === 0 ? readable.slice(0, -1) : readable) {
        sent.push(each)
        known.add(each.image)
        add(completed(order, plan.changes, each, now()))
      }
      return sent.length > 0
    },
    ended: (made: Made): void => {
      const rest = made.images.filter((image) => !known.has(image)).flatMap(inline)
      const images = [...sent, ...rest]
      const warnings = [...made.warnings, ...unreadable(made.images.length - images.length)]
      add(lastEvents({ order, made: { ...made, warnings }, images, created: now() }, rest))
    },
  }
}

/**
 * Answers with an event for each image as it comes. Nothing is answered before the first image of several calls, so that what fails as a whole has its
 * own status, and what comes at once its cost in a header.
 */
export const answerEvents = async (streaming: Streaming): Promise<Answer> => {
  const { order, make, whole, failed } = streaming
  const leaving = new AbortController()
  const { parts, add: addParts, close } = createPieces(() => leaving.abort())
  const add = (pieces: readonly Piece[]): void => addParts(partsOf(pieces))
  const sending = createSending(streaming, add)
  let begin: (arrival: ImagesEvent) => void = () => undefined
  const first = new Promise<ImagesEvent>((resolve) => {
    begin = resolve
  })
  const onImages = (arrival: ImagesEvent): void => {
    if (sending.arrived(arrival)) begin(arrival)
  }
  const making = make({ signal: leaving.signal, onImages })
  const begun = await Promise.race([first, making.then(() => undefined)])
  if (!begun) return whole(await making)
  const ended = making
    .then((made) => {
      sending.ended(made)
      return endOf(made)
    })
    .catch((thrown: unknown) => {
      const { problem, error } = failed(thrown)
      add(event("error", envelope(problem)))
      return { error }
    })
    .finally(close)
  const headers = {
    "content-type": type,
    ...headersOf(order, { model: begun.plan.model, changes: begun.plan.changes }),
    ...noCache,
  }
  return { status: 200, headers, parts, ended }
}
