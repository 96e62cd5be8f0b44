import {
  type Image,
  type ImageRequest,
  type ImageResult,
  isImageError,
  type Pictor,
  type Plan,
  type Slot,
} from "@pictor/core"
import type { Choice } from "./choice.ts"
import type { Clients } from "./clients.ts"
import { lacksCredentials, type Order, type Outcome, type Part, problemsOf } from "./outcome.ts"
import type { Progress } from "./progress.ts"
import type { ProviderName } from "./providers.ts"
import { fileName, savePicture } from "./saving.ts"

type ClientFor = Clients["clientFor"]

/** Plans the request for every model. Nothing is sent. */
export const planOrders = (
  choices: readonly Choice[],
  requestFor: (model: string) => ImageRequest,
  clientFor: ClientFor,
): Promise<readonly Order[]> =>
  Promise.all(
    choices.map(async (choice): Promise<Order> => {
      try {
        return { choice, plan: await clientFor(choice).plan(requestFor(choice.model)) }
      } catch (error) {
        if (isImageError(error)) return { choice, refusal: error }
        throw error
      }
    }),
  )

export interface Ordering {
  readonly clientFor: ClientFor
  readonly folder: string
  readonly signal: AbortSignal
  readonly progress: Progress
  readonly now: () => number
}

const parallelOrders = 4

/**
 * Sends every planned order, a few at a time, and saves each picture when it arrives. Returns one
 * outcome per order, in the same sequence. Never throws an `ImageError`.
 */
export const sendOrders = async (
  orders: readonly Order[],
  ordering: Ordering,
): Promise<readonly Outcome[]> => {
  const outcomes: Outcome[] = []
  let next = 0
  /** The providers that reject the credentials. */
  const halted = new Set<ProviderName>()
  const work = async (): Promise<void> => {
    while (next < orders.length) {
      const index = next++
      const order = orders[index]
      if (!order) return
      const outcome =
        order.plan && !halted.has(order.choice.provider) && !ordering.signal.aborted
          ? await send(order, order.plan, index, ordering)
          : unsent(order)
      if (lacksCredentials(outcome)) halted.add(order.choice.provider)
      outcomes[index] = outcome
      ordering.progress.end(index, outcome)
    }
  }
  await Promise.all(Array.from({ length: parallelOrders }, work))
  return outcomes
}

const unsent = (order: Order): Outcome => ({
  ...order,
  parts: order.plan
    ? order.plan.slots.map(() => ({
        slot: {
          status: "not-attempted",
          cost: { microUsd: 0, maybeMicroUsd: 0, unpricedImages: 0 },
        },
      }))
    : [],
  warnings: order.plan?.warnings ?? [],
  problems: problemsOf([], order.refusal),
})

const send = async (
  order: Order,
  plan: Plan,
  index: number,
  ordering: Ordering,
): Promise<Outcome> => {
  const { clientFor, signal, progress, now, folder } = ordering
  const { choice } = order
  progress.begin(index)
  const startedMs = now()
  const result = await generate(clientFor(choice), plan, signal)
  const timeMs = now() - startedMs
  const saved = await Promise.all(
    result.slots.map((slot, number) => toPart(slot, fileOf(choice, number, slot), folder)),
  )
  const problems = [
    ...problemsOf(result.slots, result.error),
    ...saved.flatMap(({ problem }) => problem ?? []),
  ]
  return {
    ...order,
    parts: saved.map(({ part }) => part),
    warnings: result.warnings,
    timeMs,
    problems,
  }
}

interface Result extends Pick<ImageResult, "slots" | "warnings"> {
  readonly error?: unknown
}

const generate = async (client: Pictor, plan: Plan, signal: AbortSignal): Promise<Result> => {
  try {
    return await client.run(plan, { signal })
  } catch (error) {
    if (!isImageError(error)) throw error
    return { slots: error.slots ?? [], warnings: plan.warnings, error }
  }
}

const pictureOf = (slot: Slot): Image | undefined =>
  slot.status === "delivered" ? slot.image : undefined

const fileOf = ({ model }: Choice, number: number, slot: Slot): string =>
  fileName(model, number + 1, pictureOf(slot)?.extension ?? "bin")

const toPart = async (
  slot: Slot,
  file: string,
  folder: string,
): Promise<{ readonly part: Part; readonly problem?: string }> => {
  const image = pictureOf(slot)
  if (!image) return { part: { slot } }
  const { picture, problem } = await savePicture(folder, file, image)
  return { part: { slot, picture }, ...(problem === undefined ? {} : { problem }) }
}
