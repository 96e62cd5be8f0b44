import { encodeBase64 } from "../bytes/base64.ts"
import { createImage } from "../bytes/image.ts"
import type { Cost } from "../contract/cost.ts"
import { type ImageError, imageError } from "../contract/errors.ts"
import type { ImageStore } from "../contract/image-store.ts"
import type { Ledger, Recalled, RecalledCall } from "../contract/ledger.ts"
import type { PlannedCall } from "../contract/plan.ts"
import type { Image, ImageResult, Slot } from "../contract/result.ts"
import { defined } from "../lib/object.ts"
import { noCost } from "../planning/price.ts"
import type { Ordered, Planned } from "../planning/types.ts"
import type { Idempotency } from "./idempotency.ts"
import { imagesOf, inOrder, recipeOf } from "./outcome.ts"

/** What is kept of requests with an idempotency key, and where. */
export interface Keeping {
  readonly ledger: Ledger | undefined
  readonly store: ImageStore | undefined
}

const placeOf = (id: string, index: number): string => `${id}/${index}`

/** Keeps the images of a call until its request is repeated. What the store cannot keep is still the caller's. */
export const keepImages = async (
  store: ImageStore,
  id: string,
  slots: readonly Slot[],
  warnings: string[],
): Promise<void> => {
  const keep = async (slot: Slot, index: number): Promise<void> => {
    if (slot.status !== "delivered") return
    try {
      await store.put(placeOf(id, index), slot.image)
    } catch {
      warnings.push(
        `The image store could not keep image ${placeOf(id, index)}: the same request with its idempotency key will not get it again.`,
      )
    }
  }
  await Promise.all(slots.map(keep))
}

/** A planned call, and the row in which it ended. */
interface Ended {
  readonly call: PlannedCall
  readonly row: RecalledCall
}

/** Rows in the order of the calls: what repeated a call takes its place, whose own row was held and then resolved. Of models asked in turn, the last. */
const inPlace = (rows: readonly RecalledCall[], count: number): readonly RecalledCall[] => {
  const places: RecalledCall[] = []
  for (const row of rows) {
    const repeated = places.findIndex(
      ({ resolved, images, seed }) => resolved && images === row.images && seed === row.seed,
    )
    if (repeated < 0) places.push(row)
    else places[repeated] = row
  }
  return places.slice(-count)
}

/** Undefined where the rows are not of this plan. */
const endsOf = (
  { plan: { calls, model } }: Planned,
  recalled: Recalled,
): readonly Ended[] | undefined => {
  const own = recalled.calls.filter((row) => row.model === model)
  const rows = inPlace(own, calls.length)
  const ends = calls.flatMap(({ seed: _drawn, ...call }, index) => {
    const row = rows[index]
    return row?.images === call.slots.length
      ? [{ call: { ...call, ...defined({ seed: row.seed }) }, row }]
      : []
  })
  return ends.length === calls.length ? ends : undefined
}

const share = (total: number, parts: number, index: number): number =>
  Math.floor(total / parts) + (index < total % parts ? 1 : 0)

/** Of an image's part in a call's cost the ledger knows nothing: it is the same for all that were delivered. */
const shareOf = (
  { microUsd, maybeMicroUsd, unpricedImages }: Cost,
  parts: number,
  index: number,
): Cost => ({
  microUsd: share(microUsd, parts, index),
  maybeMicroUsd: share(maybeMicroUsd, parts, index),
  unpricedImages: share(unpricedImages, parts, index),
})

const notDelivered = (): ImageError =>
  imageError(
    "idempotency_replayed",
    "This image was not delivered when the request was first made; why is not kept.",
  )

/** Undefined where an image is not kept any more. */
const slotsOf = async (
  store: ImageStore,
  planned: Planned,
  { call, row }: Ended,
): Promise<readonly Slot[] | undefined> => {
  const slots: Slot[] = []
  let found = 0
  const isMissing = (): boolean => found < row.delivered
  // More may have come than were ordered, and some of those ordered not.
  for (
    let index = 0;
    index < row.images || (isMissing() && index < row.images + row.delivered);
    index += 1
  ) {
    const kept = isMissing() ? await store.get(placeOf(row.id, index)) : undefined
    if (kept) {
      const image = createImage({
        data: encodeBase64(kept.bytes),
        seed: call.seed,
        recipe: recipeOf(planned, call, index, call.seed),
      })
      slots.push({ status: "delivered", image, cost: shareOf(row.cost, row.delivered, found++) })
    } else
      slots.push({
        status: "failed",
        error: notDelivered(),
        cost: row.delivered === 0 && index === 0 ? row.cost : noCost,
      })
  }
  return isMissing() ? undefined : slots
}

const resultOf = (
  planned: Planned,
  { cost, calls }: Recalled,
  slots: readonly Slot[],
  [image, ...more]: readonly [Image, ...Image[]],
): ImageResult => ({
  image,
  images: [image, ...more],
  slots,
  cost,
  model: planned.plan.model,
  changes: planned.plan.changes,
  warnings: [
    ...planned.plan.warnings,
    "An earlier request with this idempotency key made these images: nothing is charged now.",
  ],
  requestIds: calls.flatMap(({ requestId }) => requestId ?? []),
  attempts: 0,
  timing: { totalMs: 0, providerMs: 0 },
  replayed: true,
})

const keptSlots = async (
  store: ImageStore,
  planned: Planned,
  ends: readonly Ended[],
): Promise<readonly Slot[] | undefined> => {
  try {
    const calls = await Promise.all(ends.map((end) => slotsOf(store, planned, end)))
    return calls.every((slots) => slots !== undefined) ? inOrder(calls, planned) : undefined
  } catch {
    // Without its store the request is as one whose images are gone.
    return undefined
  }
}

/** A request may have come to another model than it asks first. */
const madeBy = async (planned: Ordered, recalled: Recalled | undefined): Promise<Planned> => {
  const { model } = recalled?.calls.findLast(({ delivered }) => delivered > 0) ?? planned.plan
  return model === planned.plan.model ? planned : planned.planFor(model).catch(() => planned)
}

/**
 * What a request came to whose idempotency key the ledger knows as charged, from its rows and the store: no call, no charge. Throws
 * `idempotency_replayed`, with the cost and, where an image was delivered, its recipe, if an image is not kept any more.
 */
export const replayed = async (
  refused: ImageError,
  { ledger, store }: Keeping,
  asked: Ordered,
  idempotency: Idempotency,
): Promise<ImageResult> => {
  const recalled = await ledger?.recall?.(idempotency)
  const planned = await madeBy(asked, recalled)
  const ends = recalled && endsOf(planned, recalled)
  if (!recalled || !ends) throw refused
  const slots = store && (await keptSlots(store, planned, ends))
  const [image, ...more] = slots ? imagesOf(slots) : []
  if (slots && image) return resultOf(planned, recalled, slots, [image, ...more])
  const first = ends.find(({ row }) => row.delivered > 0) ?? ends[0]
  throw imageError(refused.code, refused.message, {
    cost: recalled.cost,
    cause: refused,
    ...(first && { recipe: recipeOf(planned, first.call, 0, first.call.seed) }),
  })
}
