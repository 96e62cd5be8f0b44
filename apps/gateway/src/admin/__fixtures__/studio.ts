import { createPictor, type ImageResult, type Pictor } from "@pictor/core"
import type { Transport } from "@pictor/core/adapter"
import { echo, echoTransport } from "@pictor/echo"
import { calls } from "../../request-context.ts"
import type { Caller, Deployment, GatewayCall } from "../../types.ts"
import type { World } from "./world.ts"

export const callerWith = (limits: Partial<Caller> = {}): Caller => {
  const keyId = limits.keyId ?? "key_one"
  return {
    kind: "key",
    keyId,
    account: { key: keyId },
    tags: {},
    models: [],
    aliases: {},
    ...limits,
  }
}

export const callOf = (caller: Caller, deployment?: Deployment): GatewayCall => ({
  id: "call",
  caller,
  startedMs: 0,
  retries: 0,
  fallbacks: 0,
  ...(deployment && { deployment }),
})

export const deploymentWith = (limits: Partial<Deployment>): Deployment => ({
  id: "eu",
  family: "bedrock",
  group: "pictures",
  model: "echo-v1",
  address: "eu/echo-v1",
  weight: 1,
  order: 0,
  adapter: echo(echoTransport()),
  prices: [],
  ...limits,
})

export interface Studio {
  /** Generates images within the request `call`. */
  draw(call: GatewayCall, n?: number): Promise<ImageResult>
}

/** A client whose every image costs 10 micro-USD. */
export const studio = ({ keys, ledger }: World, transport: Transport = echoTransport()): Studio => {
  const prices = [{ model: "echo-v1", microUsd: 10, source: "this test" }]
  const pictor: Pictor = createPictor({
    adapters: [echo(transport)],
    ledger,
    middleware: [keys.limits],
    prices,
    retry: false,
    parallelCalls: 1,
  })
  return {
    draw: (call, n = 1) =>
      calls.run(call, () =>
        pictor.generate({
          model: "echo-v1",
          prompt: "tea",
          size: "16x16",
          n,
          account: call.caller.account,
        }),
      ),
  }
}

/** A provider that answers after `release`. */
export const heldTransport = () => {
  let release: () => void = () => {}
  let arrive: () => void = () => {}
  const arrived = new Promise<void>((resolve) => {
    arrive = resolve
  })
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  const transport: Transport = {
    name: "held",
    invoke: async (call) => {
      arrive()
      await held
      return echoTransport().invoke(call)
    },
  }
  return { transport, arrived, release }
}
