import { ImageError } from "./errors.ts"

type Layer<Value, Out> = (value: Value, next: (value: Value) => Promise<Out>) => Promise<Out>

/** One function out of layers and a core; the first layer is the outermost. */
export const compose = <Value, Out>(layers: readonly Layer<Value, Out>[], core: (value: Value) => Promise<Out>): ((value: Value) => Promise<Out>) =>
  layers.reduceRight<(value: Value) => Promise<Out>>((next, layer) => (value) => layer(value, next), core)

/** What a ring is around: entered once at most, and with the value that the ring was given. `kind`: the ring, for messages. */
export const guarded = <Value, Out>(kind: "plan" | "call", core: (value: Value) => Promise<Out>, isSame: (value: Value) => boolean): typeof core => {
  let entered = false
  return async (value) => {
    const refuse = (why: string): never => {
      throw new ImageError({ code: "invalid_request", message: `A ${kind} ring ${why}`, maybeBilled: entered })
    }
    if (entered) refuse("may go on once; repeating calls is Pictor's own work: createPictor({ retry }).")
    if (!isSame(value)) refuse(`may veto or observe a ${kind}, not alter it; alter the request in a request ring.`)
    entered = true
    return core(value)
  }
}
