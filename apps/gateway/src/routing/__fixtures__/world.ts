import {
  createPictor,
  type ErrorCode,
  ImageError,
  type ImageErrorOptions,
  type ImageResult,
  type Middleware,
  memoryLedger,
} from "@pictor/core"
import type { Transport, TransportCall } from "@pictor/core/adapter"
import { adapterOf, cards } from "../../config/bedrock-models.ts"
import { routerDefaults } from "../../config/router-config.ts"
import type { RouterConfig } from "../../config/types.ts"
import { calls } from "../../request-context.ts"
import type { Caller, Deployment, GatewayCall } from "../../types.ts"
import { createRouter } from "../router.ts"

const pixel =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

export const nova = "amazon.nova-canvas-v1:0"
export const titan = "amazon.titan-image-generator-v2:0"
export const core = "stability.stable-image-core-v1:1"

/** A provider's reaction to a call: images or an error. */
export type Behaviour = (call: TransportCall) => object

export const paints: Behaviour = ({ body }) => {
  const config = body["imageGenerationConfig"]
  const count =
    typeof config === "object" && config !== null && "numberOfImages" in config
      ? Number(config.numberOfImages)
      : 1
  return { images: Array.from({ length: count }, () => pixel), seeds: [7], finish_reasons: [null] }
}

export const fails =
  (code: ErrorCode, more: Partial<ImageErrorOptions> = {}): Behaviour =>
  () => {
    throw new ImageError({ code, message: `It said ${code}.`, ...more })
  }

export const throttled = fails("rate_limited", { status: 429 })

export interface Member extends Partial<Deployment> {
  readonly id: string
  /** In order; the last one repeats. */
  readonly does?: readonly Behaviour[]
}

interface Sent extends TransportCall {
  readonly deployment: string
}

const transportOf = (id: string, does: readonly Behaviour[], sent: Sent[]): Transport => {
  let turn = 0
  return {
    name: "scripted",
    invoke: async (call) => {
      sent.push({ ...call, deployment: id })
      const behaviour = does[Math.min(turn++, does.length - 1)] ?? paints
      return {
        body: new TextEncoder().encode(JSON.stringify(behaviour(call))),
        status: 200,
        headers: {},
      }
    },
  }
}

const deploymentOf = ({ does = [paints], ...member }: Member, sent: Sent[]): Deployment => {
  const { id, model = nova } = member
  const card = cards.find((each) => each.id === model)
  if (!card) throw new TypeError(`There is no model ${model}.`)
  const adapter = adapterOf(card, transportOf(id, does, sent), id)
  return {
    family: "bedrock",
    group: "paint",
    weight: 1,
    order: 0,
    prices: [],
    model,
    address: `${id}/${model}`,
    adapter,
    ...member,
  }
}

export interface WorldOptions {
  readonly config?: Partial<RouterConfig>
  readonly random?: () => number
  /** Middleware outside the router. */
  readonly limits?: readonly Middleware[]
  /** Middleware inside the router. */
  readonly inner?: readonly Middleware[]
  /** Models of the caller's key. */
  readonly models?: readonly string[]
  readonly caller?: Partial<Caller>
}

/** A client with scripted deployments and a clock that only sleeping advances. */
export const createWorld = (
  members: readonly Member[],
  {
    config = {},
    random = () => 0,
    limits = [],
    inner = [],
    models = [],
    caller,
  }: WorldOptions = {},
) => {
  const sent: Sent[] = []
  const slept: number[] = []
  const clock = { nowMs: Date.UTC(2026, 10, 20) }
  const now = (): number => clock.nowMs
  const deployments = members.map((member) => deploymentOf(member, sent))
  const router = createRouter(deployments, { ...routerDefaults, ...config }, { now, random })
  const sleep = async (delayMs: number): Promise<void> => {
    slept.push(delayMs)
    clock.nowMs += delayMs
  }
  const ledger = memoryLedger()
  const pictor = createPictor({
    adapters: deployments.map(({ adapter }) => adapter),
    middleware: [...limits, router.middleware, ...inner],
    retry: router.retry,
    ledger,
    runtime: { now, random: () => 0, sleep },
  })
  const call: GatewayCall = {
    id: "call",
    caller: { kind: "anyone", account: {}, tags: {}, models, aliases: {}, ...caller },
    startedMs: 0,
    retries: 0,
    fallbacks: 0,
  }
  const ask = (request: Readonly<Record<string, unknown>> = {}): Promise<ImageResult> =>
    calls.run(call, () => pictor.generate({ model: "paint", prompt: "tea", ...request }))
  return {
    ask,
    call,
    clock,
    deployments,
    ledger,
    pictor,
    router,
    sent,
    slept,
    asked: () => sent.map(({ deployment }) => deployment),
  }
}
