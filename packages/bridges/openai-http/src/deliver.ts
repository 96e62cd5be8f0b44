import type { Change, Image } from "@pictor/core"
import { answerOf, headerText, type Piece } from "./answer.ts"
import { costHeaders, toCost } from "./cost.ts"
import type { Made } from "./made.ts"
import { publicName } from "./names.ts"
import type { Order } from "./read-order.ts"
import { lostSlots } from "./slots.ts"
import type { Answer } from "./types.ts"

/** An image as it is answered. */
export type Delivered = { readonly image: Image } & (
  | { readonly base64: Uint8Array }
  | { readonly url: string }
)

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

const formats: Readonly<Record<string, string>> = {
  "image/png": "png",
  "image/jpeg": "jpeg",
  "image/webp": "webp",
  "image/gif": "gif",
}

const sizeOf = ({ width, height }: Image) =>
  Number.isFinite(width) && Number.isFinite(height) ? `${width}x${height}` : undefined

/** What an image is like; members that nobody knows are left out. */
export const looks = ({ wish }: Order, changes: readonly Change[], image: Image | undefined) => ({
  size: image && sizeOf(image),
  quality: changes.some(({ field, action }) => field === "quality" && action === "dropped")
    ? undefined
    : wish.quality,
  output_format: image && formats[image.mediaType],
  background: wish.background === "opaque" ? wish.background : undefined,
})

/** What OpenAI's answer has no place for. */
export const report = ({
  order,
  made: { model, cost, changes, warnings, slots },
  images,
}: Delivery) => ({
  model,
  cost: toCost(cost),
  seeds: images.map(({ image }) => image.seed ?? null),
  changes: changesOf(order, changes),
  warnings,
  slots: lostSlots(slots),
})

export const spliced = (head: string, base64: Uint8Array, tail: string): readonly Piece[] => [
  `${head}"b64_json":"`,
  base64,
  `"${tail}`,
]

const imagePieces = (each: Delivered, index: number): readonly Piece[] => {
  const head = `${index === 0 ? "" : ","}{`
  return "base64" in each
    ? spliced(head, each.base64, "}")
    : [`${head}"url":${JSON.stringify(each.url)}}`]
}

const jsonPieces = (delivery: Delivery): readonly Piece[] => {
  const { order, made, images, created } = delivery
  const tail = JSON.stringify({
    ...looks(order, made.changes, images[0]?.image),
    pictor: report(delivery),
  })
  return [`{"created":${created},"data":[`, ...images.flatMap(imagePieces), `],${tail.slice(1)}`]
}

/** `size=snapped, n=split` */
const changeList = (order: Order, changes: readonly Change[]): string =>
  changesOf(order, changes)
    .slice(0, 20)
    .map(({ field, action }) => `${field}=${action}`)
    .join(", ")

/** Without a cost, which may not be known yet, none is named. */
export const headersOf = (
  order: Order,
  { model, changes, cost }: Pick<Made, "model" | "changes"> & Partial<Pick<Made, "cost">>,
): Readonly<Record<string, string>> => {
  const list = changeList(order, changes)
  return {
    "x-pictor-model": headerText(model),
    "x-litellm-model-group": headerText(order.request.model),
    ...(cost ? costHeaders(cost) : {}),
    ...(list ? { "x-pictor-changes": headerText(list) } : {}),
  }
}

/** The answer to a request that has its images, whose base64 stands between pieces of JSON as it came from the provider. */
export const deliver = (delivery: Delivery): Answer =>
  answerOf(200, "application/json", jsonPieces(delivery), headersOf(delivery.order, delivery.made))
