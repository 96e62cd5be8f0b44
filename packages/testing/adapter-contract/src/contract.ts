import type { ImageAdapter, ImageError, JsonObject, Settings, Task, TaskInputs } from "@pictor/core"
import type { Reply, Transport, TransportCall } from "@pictor/core/adapter"
import type { ExpectStatic } from "vitest"
import type { ClauseId } from "./sentences.ts"

/** A provider's answer: the bytes of a reply, a whole reply, or an error. */
export type Answer = Uint8Array | Reply | ImageError

/** Answers a call as the family's provider does: a fake, or a transport's `invoke`. */
export type Provider = (call: TransportCall) => Answer | Promise<Answer>

/** A request. With a `model` it is an example for that model only. */
export type ExampleRequest<T extends Task = Task> = TaskInputs[T] &
  Partial<Settings<string, JsonObject>>

/** A reply in the family's own form: bytes, an object to be written as JSON, or an error. */
export type ExampleReply =
  | Uint8Array
  | ImageError
  | JsonObject
  /** `images`: the base64 texts of the images that `provider` delivers for this call. */
  | ((call: TransportCall, images: readonly string[]) => Uint8Array | JsonObject)

/** The input of {@link describeAdapter}. */
export interface AdapterContract {
  /** The adapter's factory: `titan`, or `(transport) => titan(transport)`. */
  readonly create: (transport: Transport) => ImageAdapter
  /** Called once for each different call. */
  readonly provider: Provider
  /** At least one for every task of every card. Small images make the suite fast. */
  readonly requests: { readonly [T in Task]?: ExampleRequest<T> | readonly ExampleRequest<T>[] }
  readonly outcomes?: {
    /** Every image is filtered. */
    readonly filtered?: ExampleReply
    /** Some images of one call are filtered. Required if a call makes several images. */
    readonly partial?: ExampleReply
    /** No image can be read. The kit adds replies of its own. */
    readonly malformed?: ExampleReply
  }
  /** Clauses that do not apply to this adapter, each with the reason. */
  readonly skip?: { readonly [Id in ClauseId]?: string }
}

/** The input of a clause. */
export interface Context {
  readonly contract: AdapterContract
  readonly expect: ExpectStatic
  /** The provider, called once for each different call. */
  readonly deliver: (call: TransportCall) => Promise<Reply>
}

/** Throws if the adapter breaks the clause. */
export type Clause = (context: Context) => void | Promise<void>
