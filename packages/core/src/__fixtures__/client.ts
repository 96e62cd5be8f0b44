import { createPictor } from "../client.ts"
import type { ImageAdapter } from "../contract/adapter.ts"
import type { Pictor, PictorOptions } from "../contract/client.ts"
import type { JsonObject } from "../contract/request.ts"
import type { Runtime } from "../contract/runtime.ts"
import type { ParsedModel, Reply, Transport, TransportCall } from "../contract/transport.ts"
import { grid, list, plain, ratio, weighted } from "./families.ts"

/** A PNG of one pixel. */
export const png =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

export const noon = Date.parse("2026-11-20T12:00:00Z")

export const reply = (body: unknown, more: Partial<Reply> = {}): Reply => ({
  status: 200,
  headers: {},
  body: new TextEncoder().encode(typeof body === "string" ? body : JSON.stringify(body)),
  ...more,
})

/** As many images as the body orders, in the shape of the grid, list and ratio families. */
export const images = (count: number, more: JsonObject = {}): Reply =>
  reply({ images: Array.from({ length: count }, () => png), ...more })

export const artifact = (more: JsonObject = {}): Reply =>
  reply({ artifacts: [{ base64: png, finish: "SUCCESS", ...more }] })

const orderedBy = ({ body }: TransportCall): number => {
  const { config, count } = body as {
    readonly config?: { readonly count?: number }
    readonly count?: number
  }
  return config?.count ?? count ?? 1
}

/** The reply of a working model. */
export const healthy = (call: TransportCall): Reply =>
  call.model === "acme.weighted-v1"
    ? artifact({ seed: call.body["seed"] })
    : images(orderedBy(call), {})

export type Answer = (call: TransportCall, index: number) => Reply | Promise<Reply>

/** `wire/[<region>/]<id>`, `us.<id>`, and ARNs, read as a provider's transport reads them. */
export const parse = (model: string): ParsedModel | undefined => {
  const [, prefixed, region] = /^wire\/((?:([a-z]+-\d)\/)?)/.exec(model) ?? []
  if (prefixed !== undefined)
    return { id: model.slice(5 + prefixed.length), ...(region === undefined ? {} : { region }) }
  const geo = /^(?:us|eu|apac)\.(.+)$/.exec(model)
  if (geo?.[1]) return { id: geo[1], modelId: model, warning: `${model} is on no page.` }
  const [, arnRegion, kind, tail] = /^arn:wire:([a-z]+-\d):([a-z]+)\/(.+)$/.exec(model) ?? []
  if (!arnRegion || !kind || !tail) return undefined
  if (kind === "foundation") return { id: tail, modelId: model, region: arnRegion }
  return {
    id: model,
    modelId: model,
    region: arnRegion,
    ...(kind === "profile" ? {} : { priced: false as const }),
  }
}

export interface Scripted {
  readonly transport: Transport
  readonly calls: TransportCall[]
}

/** A transport that answers by a function and records its calls. */
export const scripted = (answer: Answer = healthy, more: Partial<Transport> = {}): Scripted => {
  const calls: TransportCall[] = []
  return {
    calls,
    transport: {
      name: "wire",
      parse,
      region: async (asked) => asked ?? "north-1",
      invoke: async (call) => answer(call, calls.push(call) - 1),
      ...more,
    },
  }
}

/** Noon, a random value of 0.5, and waits that end immediately and are recorded. */
export const stillRuntime = (
  random: () => number = () => 0.5,
): Runtime & { readonly waits: number[] } => {
  const waits: number[] = []
  return {
    waits,
    now: () => noon,
    random,
    sleep: async (delayMs, signal) => {
      signal?.throwIfAborted()
      waits.push(delayMs)
    },
  }
}

/** A client of all five families over one scripted transport. */
export const testClient = (
  answer: Answer = healthy,
  options: Partial<PictorOptions<readonly ImageAdapter[]>> = {},
) => {
  const { transport, calls } = scripted(answer)
  const runtime = stillRuntime()
  const adapters = [
    grid(transport),
    list(transport),
    ratio(transport),
    weighted(transport),
    plain(transport),
  ]
  const pictor: Pictor = createPictor<readonly ImageAdapter[]>({ adapters, runtime, ...options })
  return {
    pictor,
    calls,
    waits: runtime.waits,
    transport,
  }
}

/** The error that a promise ends with. */
export const errorOf = async (promise: Promise<unknown>): Promise<Error> => {
  try {
    await promise
  } catch (error) {
    return error as Error
  }
  throw new Error("nothing was thrown")
}

/** A promise and its resolver. */
export const deferred = <Value>(): {
  readonly promise: Promise<Value>
  readonly resolve: (value: Value) => void
} => {
  let resolve: (value: Value) => void = () => {}
  const promise = new Promise<Value>((end) => {
    resolve = end
  })
  return { promise, resolve }
}

/** Resolves after every pending microtask. */
export const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 200; turn++) await Promise.resolve()
}
