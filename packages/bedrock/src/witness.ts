import type { HttpHandler } from "@smithy/core/protocols"

type Settings = NonNullable<Parameters<HttpHandler["handle"]>[1]>

export type Answer = Awaited<ReturnType<HttpHandler["handle"]>>["response"]

/** Is told what becomes of a request. */
export interface Witness {
  /** It goes into a connected socket now. */
  sent(): void
  /** Its status and headers are there; its body may still come. */
  answered(head: Pick<Answer, "statusCode" | "headers">): void
}

export interface WitnessedSettings extends Settings {
  /** Set by the SDK. */
  readonly isEventStream?: boolean
  readonly witness?: Witness
}

/** A handler that tells the witness; of any other it is assumed that a request is sent as soon as it is handed over. */
export interface WitnessedHandler extends HttpHandler {
  readonly tellsWitness: true
  handle(
    request: Parameters<HttpHandler["handle"]>[0],
    settings?: WitnessedSettings,
  ): ReturnType<HttpHandler["handle"]>
}

export const tellsWitness = (handler: HttpHandler): handler is WitnessedHandler =>
  "tellsWitness" in handler
