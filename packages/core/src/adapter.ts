/** For adapters and transports. */

import type { AdapterDefinition, AdapterFactory } from "./contract/adapter.ts"
import type { ModelCard } from "./contract/card.ts"
import type { ModelTypes } from "./contract/options.ts"
import { toBody } from "./planning/body.ts"

/**
 * Makes the factory of a family's adapters: `novaCanvas(transport)`.
 *
 * @example
 * export const novaCanvas = defineAdapter({ name: "nova-canvas", models, decode: decodeImageList })
 */
export const defineAdapter =
  <const Cards extends readonly ModelCard[]>(
    definition: AdapterDefinition<Cards>,
  ): AdapterFactory<ModelTypes<Cards>> =>
  (transport, settings = {}) => ({
    encode: toBody,
    ...definition,
    transport,
    ...(settings.name === undefined ? {} : { alias: settings.name }),
  })

export { decodeFinishReasons, decodeImageList } from "./bytes/decode-reply.ts"
export { isImageData } from "./bytes/image.ts"
export { lift, textOf } from "./bytes/lift.ts"
export type {
  AdapterDefinition,
  AdapterFactory,
  AdapterSettings,
  Base64,
  CallDraft,
  ImageAdapter,
  Outcome,
} from "./contract/adapter.ts"
export type {
  Alias,
  FieldName,
  ImageLimits,
  Lifecycle,
  LifecycleStatus,
  ModelCard,
  Parameter,
  PriceRow,
  TaskCard,
} from "./contract/card.ts"
export {
  type ErrorCode,
  ImageError,
  type ImageErrorOptions,
  type Issue,
  isImageError,
} from "./contract/errors.ts"
export type { FilterStage } from "./contract/image.ts"
export type { ModelTypes } from "./contract/options.ts"
export type { PlannedCall, Resolved, Size } from "./contract/plan.ts"
export type { InputName, JsonObject, Task } from "./contract/request.ts"
export type { ParsedModel, Reply, Transport, TransportCall } from "./contract/transport.ts"
export { type CardChanges, type DerivedCard, deriveCard } from "./models/derive-card.ts"
export { toBody }
