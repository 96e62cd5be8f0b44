import { createImage } from "../bytes/image.ts"
import type { Cost } from "../contract/cost.ts"
import { imageError, isImageError, type Slot } from "../contract/errors.ts"
import type { ImageResult } from "../contract/generate.ts"
import type { Image } from "../contract/image.ts"
import type { ImageAbout, ImageStore } from "../contract/image-store.ts"
import type { Recalled, RecalledCall } from "../contract/ledger.ts"
import type { PlannedCall } from "../contract/plan.ts"
import { defined } from "../lib/object.ts"
import { addUnits, noCost, sharesOf } from "../planning/price.ts"
import type { Planned } from "../planning/types.ts"
import { imagesOf, inPlanOrder, recipeOf } from "./outcome.ts"
import type { GenerateRules, Idempotency } from "./types.ts"

/** What the images of a call have in common. */
export type CallAbout = Omit<ImageAbout, "cost" | "recipe">

/** Stores the images of a call under its ledger row. Returns false, and warns, if one is not. */
export const storeImages = async (
  store: ImageStore,
  row: string,
  slots: readonly Slot[],
  about: CallAbout,
  warnings: string[],
): Promise<boolean> => {
  const storeSlot = async (slot: Slot, index: number): Promise<boolean> => {
    if (slot.status !== "delivered") return true
    try {
      const { image, cost } = slot
      await store.put(storeKey(row, index), image, { ...about, cost, recipe: image.recipe })
      return true
    } catch {
      warnings.push(
        `The image store could not store image ${storeKey(row, index)}: a repeated request will not get it.`,
      )
      return false
    }
  }
  return (await Promise.all(slots.map(storeSlot))).every((isStored) => isStored)
}

type ImageReader = Pick<ImageStore, "get">

/** Images by their ledger row. */
export type ResumedImages = ReadonlyMap<string, readonly Slot[]>

/** Reads images that were just resumed, which no store may have, before stored ones. */
const withResumed = (store: ImageReader | undefined, resumed: ResumedImages): ImageReader => ({
  get: async (key) => {
    const [row = "", index] = key.split("/")
    const slot = resumed.get(row)?.[Number(index)]
    return slot?.status === "delivered"
      ? { bytes: slot.image.bytes(), mediaType: slot.image.mediaType }
      : store?.get(key)
  },
})

const storeKey = (row: string, index: number): string => `${row}/${index}`

/**
 * The result of an earlier run that was charged, rebuilt from its ledger rows and the store after
 * the ledger threw `idempotency_replayed`. If an image is not stored any more, throws that error
 * with the cost and a recipe. Throws any other error again.
 */
export const recallResult = async (
  thrown: unknown,
  { ledger, imageStore }: Pick<GenerateRules, "ledger" | "imageStore">,
  requested: Planned,
  idempotency: Idempotency,
  planFor: (model: string) => Promise<Planned>,
  resumed: ResumedImages = new Map(),
): Promise<ImageResult> => {
  if (!isImageError(thrown, "idempotency_replayed")) throw thrown
  const recalled = await ledger?.recall?.(idempotency)
  if (!recalled) throw thrown
  // The images may be of a fallback model.
  const { model } = recalled.calls.findLast(({ delivered }) => delivered > 0) ?? requested.plan
  const planned =
    model === requested.plan.model ? requested : await planFor(model).catch(() => requested)
  const calls = matchRows(planned, recalled)
  if (!calls) throw thrown
  const store = resumed.size > 0 ? withResumed(imageStore, resumed) : imageStore
  const slots = store && (await readSlots(store, planned, calls))
  const [image, ...more] = slots ? imagesOf(slots) : []
  if (slots && image) return resultOf(planned, recalled, slots, [image, ...more])
  const first = calls.find(({ row }) => row.delivered > 0) ?? calls[0]
  throw imageError(thrown.code, thrown.message, {
    cost: recalled.cost,
    cause: thrown,
    ...(first && { recipe: recipeOf(planned, first.call, 0, first.call.seed) }),
  })
}

interface RecordedCall {
  readonly call: PlannedCall
  readonly row: RecalledCall
}

/** Undefined if the rows do not match the plan. */
const matchRows = (
  { plan: { calls, model } }: Planned,
  recalled: Recalled,
): readonly RecordedCall[] | undefined => {
  const rows = withoutRetried(recalled.calls.filter((row) => row.model === model)).slice(
    -calls.length,
  )
  const matched = calls.flatMap(({ seed: _drawn, ...call }, index) => {
    const row = rows[index]
    return row?.images === call.slots.length
      ? [{ call: { ...call, ...defined({ seed: row.seed }) }, row }]
      : []
  })
  return matched.length === calls.length ? matched : undefined
}

/** Rows in the order of the calls: a retry replaces the row that it repeats, which was resolved. */
const withoutRetried = (rows: readonly RecalledCall[]): readonly RecalledCall[] => {
  const latest: RecalledCall[] = []
  for (const row of rows) {
    const retried = latest.findIndex(
      ({ resolved, images, seed }) => resolved && images === row.images && seed === row.seed,
    )
    if (retried < 0) latest.push(row)
    else latest[retried] = row
  }
  return latest
}

/** Undefined if an image is not stored any more, or if the store fails. */
const readSlots = async (
  store: ImageReader,
  planned: Planned,
  calls: readonly RecordedCall[],
): Promise<readonly Slot[] | undefined> => {
  try {
    const byCall = await Promise.all(calls.map((call) => readCallSlots(store, planned, call)))
    return byCall.every((slots) => slots !== undefined) ? inPlanOrder(byCall, planned) : undefined
  } catch {
    return undefined
  }
}

const readCallSlots = async (
  store: ImageReader,
  planned: Planned,
  { call, row }: RecordedCall,
): Promise<readonly Slot[] | undefined> => {
  const slots: Slot[] = []
  let found = 0
  const isIncomplete = (): boolean => found < row.delivered
  // A provider may have sent surplus images, and filtered some of the requested ones.
  const most = row.images + row.delivered
  for (let index = 0; index < row.images || (isIncomplete() && index < most); index += 1) {
    const stored = isIncomplete() ? await store.get(storeKey(row.id, index)) : undefined
    if (stored) {
      const image = createImage({
        data: { bytes: stored.bytes },
        seed: call.seed,
        recipe: recipeOf(planned, call, index, call.seed),
      })
      slots.push({ status: "delivered", image, cost: shareOf(row.cost, row.delivered, found++) })
    } else
      slots.push({
        status: "failed",
        error: imageError(
          "idempotency_replayed",
          "The original request did not deliver this image. The reason is not stored.",
        ),
        cost: row.delivered === 0 && index === 0 ? row.cost : noCost,
      })
  }
  return isIncomplete() ? undefined : slots
}

/** The ledger stores the cost of a call: the delivered images share it. */
const shareOf = (cost: Cost, parts: number, index: number): Cost => {
  const share = (total: number): number => sharesOf(total, parts)[index] ?? 0
  return {
    microUsd: share(cost.microUsd),
    maybeMicroUsd: share(cost.maybeMicroUsd),
    unpricedImages: share(cost.unpricedImages),
  }
}

const resultOf = (
  { plan }: Planned,
  { cost, calls }: Recalled,
  slots: readonly Slot[],
  images: readonly [Image, ...Image[]],
): ImageResult => ({
  image: images[0],
  images,
  slots,
  cost,
  ...defined({ usage: addUnits(calls.map(({ usage }) => usage)) }),
  model: plan.model,
  changes: plan.changes,
  warnings: [...plan.warnings, "The original request made these images. Nothing is charged now."],
  requestIds: calls.flatMap(({ requestId }) => requestId ?? []),
  attempts: 0,
  timing: { totalMs: 0, providerMs: 0 },
  replayed: true,
})
