import {
  createPictor,
  type ImageAdapter,
  type ImageError,
  type ImageOps,
  type ImageResult,
  isImageError,
  type Pictor,
  type Plan,
  type Runtime,
} from "@pictor/core"
import type { Transport, TransportCall } from "@pictor/core/adapter"
import type { Context } from "./contract.ts"
import { imageOps } from "./image-ops.ts"
import { randomNumbers } from "./random.ts"
import { requestWith, type Subject } from "./subject.ts"

type Invoke = Transport["invoke"]

interface ClientOptions {
  readonly runtime?: Partial<Runtime>
  /** Default: the kit's own. null: none. */
  readonly images?: ImageOps | null
  /** Wraps the adapter. */
  readonly wrap?: (adapter: ImageAdapter) => ImageAdapter
}

/**
 * The latest date of the card's sources, so that valid prices do not depend on the date of the
 * test.
 */
const dayOf = ({ card }: Subject): number => {
  const seen = Object.values(card.sources).map((source) => Date.parse(source.seen))
  return Math.max(Date.UTC(2025, 0, 1), ...seen.filter(Number.isFinite))
}

const runtimeOf = (subject: Subject): Runtime => ({
  now: () => dayOf(subject),
  random: randomNumbers(1),
  sleep: async () => {},
})

const transportOf = ({ card }: Subject, invoke: Invoke): Transport => ({
  name: "contract",
  invoke,
  region: async (region) => region ?? card.regions[0],
})

const nothing: Invoke = () => Promise.reject(new Error("planning must not send anything"))

/** A client of the adapter over `invoke`. One call at a time, so that the order is fixed. */
export const clientOf = (
  { contract }: Context,
  subject: Subject,
  invoke: Invoke = nothing,
  { runtime, wrap = (adapter) => adapter, images = imageOps }: ClientOptions = {},
): Pictor =>
  createPictor({
    adapters: [wrap(contract.create(transportOf(subject, invoke)))],
    runtime: { ...runtimeOf(subject), ...runtime },
    parallelCalls: 1,
    ...(images ? { imageOps: images } : {}),
  })

/** The plan of the example with other fields. */
export const planOf = (
  context: Context,
  subject: Subject,
  fields: Readonly<Record<string, unknown>> = {},
): Promise<Plan> => clientOf(context, subject).plan(requestWith(subject, fields))

export const generate = (
  context: Context,
  subject: Subject,
  invoke: Invoke,
  fields: Readonly<Record<string, unknown>> = {},
): Promise<ImageResult> => clientOf(context, subject, invoke).generate(requestWith(subject, fields))

/** The error of a promise that must fail. */
export const failureOf = async (
  { expect }: Context,
  promise: Promise<unknown>,
  label: string,
): Promise<ImageError> => {
  const end = await promise.then(
    () => "it succeeded",
    (thrown: unknown) => thrown,
  )
  expect(
    isImageError(end) ? "an ImageError" : end,
    `${label}: this must fail with an ImageError`,
  ).toBe("an ImageError")
  return end as ImageError
}

/** A transport's `invoke` that records its calls. */
export const recording = (
  invoke: Invoke,
): { readonly calls: TransportCall[]; readonly invoke: Invoke } => {
  const calls: TransportCall[] = []
  return {
    calls,
    invoke: (call) => {
      calls.push(call)
      return invoke(call)
    },
  }
}
