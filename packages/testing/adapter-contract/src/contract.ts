import type { ImageAdapter, ImageError, JsonObject, Settings, Task, TaskInputs } from "@pictor/core"
import type { Reply, Transport, TransportCall } from "@pictor/core/adapter"
import type { ExpectStatic } from "vitest"
import type { ClauseId } from "./sentences.ts"

/** What a provider answers: the bytes of a reply, a whole reply, or the error that came in its place. */
export type Answer = Uint8Array | Reply | ImageError

/** Answers a call as the family's provider does: a fake, or a transport's `invoke`. */
export type Provider = (call: TransportCall) => Answer | Promise<Answer>

/** A request in neutral words. With a `model` it is an example for that model only. */
export type ExampleRequest<T extends Task = Task> = TaskInputs[T] &
  Partial<Settings<string, JsonObject>>

/** A reply in the family's own form: bytes, or what they say as JSON. */
export type ExampleReply =
  | Uint8Array
  | JsonObject
  /** `images`: the base64 texts of the images that `provider` delivers for this call. */
  | ((call: TransportCall, images: readonly string[]) => Uint8Array | JsonObject)

/** What {@link describeAdapter} needs to know. */
export interface AdapterContract {
  /** The adapter's factory: `titan`, or `(transport) => titan(transport)`. */
  readonly create: (transport: Transport) => ImageAdapter
  /** Is asked once for each different call. */
  readonly provider: Provider
  /** At least one for every task that a card has. Small images make the suite fast. */
  readonly requests: { readonly [T in Task]?: ExampleRequest<T> | readonly ExampleRequest<T>[] }
  readonly outcomes?: {
    /** The provider has filtered every image. */
    readonly filtered?: ExampleReply
    /** It has filtered some of the images of one call; needed where a call makes several. */
    readonly partial?: ExampleReply
    /** Has no image that could be read; the kit adds some of its own. */
    readonly malformed?: ExampleReply
  }
  /** Clauses that do not hold for this adapter, with the reason. */
  readonly skip?: { readonly [Id in ClauseId]?: string }
}

/** What a clause runs on. */
export interface Context {
  readonly contract: AdapterContract
  readonly expect: ExpectStatic
  /** The provider, asked once for each different call. */
  readonly deliver: (call: TransportCall) => Promise<Reply>
}

/** Throws where the adapter breaks the clause. */
export type Clause = (context: Context) => void | Promise<void>
