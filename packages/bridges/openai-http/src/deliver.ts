import type { Change, Image } from "@pictor/core"
import { answerOf, bytesOf, headerText } from "./answer.ts"
import { costHeaders, toCost } from "./cost.ts"
import type { Made } from "./made.ts"
import { publicName } from "./names.ts"
import type { Order } from "./read-order.ts"
import { lostSlots } from "./slots.ts"
import type { Answer } from "./types.ts"

/** An image as it is answered. */
export type Delivered = { readonly image: Image } & ({ readonly base64: Uint8Array } | { readonly url: string })

/** All that an answer is made of. */
export interface Delivery {
  readonly order: Order
  readonly made: Made
  readonly images: readonly Delivered[]
  /** Seconds since 1970. */
  readonly created: number
}

const toChange = ({ field, action, from, to, why }: Change, own: ReadonlySet<string>) => ({
  field: publicName(field, own),
  action,
  from: from ?? null,
  to: to ?? null,
  why,
})

export const changesOf = (order: Order, changes: readonly Change[]) => [
  ...order.changes.map((change) => ({ ...change, to: null })),
  ...changes.map((each) => toChange(each, order.own)),
]

const formats: Readonly<Record<string, string>> = { "image/png": "png", "image/jpeg": "jpeg", "image/webp": "webp", "image/gif": "gif" }

const sizeOf = ({ width, height }: Image) => (Number.isFinite(width) && Number.isFinite(height) ? `${width}x${height}` : undefined)

/** What the first image is like; members that nobody knows are left out. */
const looks = ({ order: { wish }, images: [first], made: { changes } }: Delivery) => ({
  size: first && sizeOf(first.image),
  quality: changes.some(({ field, action }) => field === "quality" && action === "dropped") ? undefined : wish.quality,
  output_format: first && formats[first.image.mediaType],
  background: wish.background === "opaque" ? wish.background : undefined,
})

/** What OpenAI's answer has no place for. */
const report = ({ order, made: { model, cost, changes, warnings, slots }, images }: Delivery) => ({
  model,
  cost: toCost(cost),
  seeds: images.map(({ image }) => image.seed ?? null),
  changes: changesOf(order, changes),
  warnings,
  slots: lostSlots(slots),
})

const spliced = (head: string, base64: Uint8Array, tail: string): readonly Uint8Array[] => [
  bytesOf(`${head}"b64_json":"`),
  base64,
  bytesOf(`"${tail}`),
]

const imageParts = (each: Delivered, index: number): readonly Uint8Array[] => {
  const head = `${index === 0 ? "" : ","}{`
  return "base64" in each ? spliced(head, each.base64, "}") : [bytesOf(`${head}"url":${JSON.stringify(each.url)}}`)]
}

const jsonParts = (delivery: Delivery): readonly Uint8Array[] => {
  const tail = JSON.stringify({ ...looks(delivery), pictor: report(delivery) })
  return [bytesOf(`{"created":${delivery.created},"data":[`), ...delivery.images.flatMap(imageParts), bytesOf(`],${tail.slice(1)}`)]
}

// The client's types require it. These models count no tokens, so that 0 is what was used.
const usage = { input_tokens: 0, input_tokens_details: { image_tokens: 0, text_tokens: 0 }, output_tokens: 0, total_tokens: 0 }

const eventParts = (delivery: Delivery): readonly Uint8Array[] => {
  const { order, images, created } = delivery
  const type = `image_${order.kind === "edits" ? "edit" : "generation"}.completed`
  return images.flatMap((each, index) => {
    if (!("base64" in each)) return []
    const { size = "auto", quality = "auto", output_format = "png", background = "auto" } = looks({ ...delivery, images: [each] })
    const last = index === images.length - 1 ? { pictor: report(delivery) } : {}
    const tail = JSON.stringify({ created_at: created, size, quality, output_format, background, usage, ...last })
    return spliced(`event: ${type}\ndata: {"type":"${type}",`, each.base64, `,${tail.slice(1)}\n\n`)
  })
}

/** `size=snapped, n=split` */
const changeList = ({ order, made }: Delivery): string =>
  changesOf(order, made.changes)
    .slice(0, 20)
    .map(({ field, action }) => `${field}=${action}`)
    .join(", ")

const headersOf = (delivery: Delivery): Readonly<Record<string, string>> => {
  const { made, order } = delivery
  const changes = changeList(delivery)
  return {
    "x-pictor-model": headerText(made.model),
    "x-litellm-model-group": headerText(order.request.model),
    ...costHeaders(made.cost),
    ...(changes ? { "x-pictor-changes": headerText(changes) } : {}),
  }
}

/** The answer to a request that has its images, whose base64 stands between pieces of JSON as it came from the provider. */
export const deliver = (delivery: Delivery): Answer => {
  const { order, made } = delivery
  const answer = order.wish.stream
    ? answerOf(200, "text/event-stream; charset=utf-8", eventParts(delivery), { ...headersOf(delivery), "cache-control": "no-cache" })
    : answerOf(200, "application/json", jsonParts(delivery), headersOf(delivery))
  return { ...answer, ...(made.result ? { result: made.result } : {}), ...(made.error ? { error: made.error } : {}) }
}
