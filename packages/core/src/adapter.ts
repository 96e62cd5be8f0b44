/** For adapters and transports. */

import type { AdapterDefinition, AdapterFactory } from "./contract/adapter.ts"
import type { ModelCard } from "./contract/card.ts"
import type { ModelTypes } from "./contract/options.ts"
import { toBody } from "./planning/body.ts"

/**
 * Makes the factory of a family's adapters: `echo(transport)`.
 *
 * @example
 * export const echo = defineAdapter({ name: "echo", models, decode: decodeImageList })
 */
export const defineAdapter =
  <const Cards extends readonly ModelCard[]>(
    definition: AdapterDefinition<Cards>,
  ): AdapterFactory<ModelTypes<Cards>> =>
  (transport, settings = {}) => ({
    encode: toBody,
    ...definition,
    ...(settings.models && { models: settings.models }),
    transport,
    ...(settings.name === undefined ? {} : { alias: settings.name }),
  })

export { decodedOf, decodeFinishReasons, decodeImageList } from "./bytes/decode-reply.ts"
export { isImageData } from "./bytes/image.ts"
export { lift, textOf } from "./bytes/lift.ts"
export type {
  AdapterDefinition,
  AdapterFactory,
  AdapterSettings,
  Base64,
  CallDraft,
  Decoded,
  ImageAdapter,
  ImageData,
  Outcome,
  PartialImage,
} from "./contract/adapter.ts"
export type {
  Alias,
  BodyEncoding,
  FieldName,
  ImageLimits,
  Lifecycle,
  LifecycleStatus,
  ModelCard,
  Parameter,
  PriceRow,
  PriceUnit,
  TaskCard,
  Units,
  UnitTerms,
} from "./contract/card.ts"
export {
  type ErrorCode,
  ImageError,
  type ImageErrorOptions,
  type Issue,
  isImageError,
} from "./contract/errors.ts"
export type { HttpFailure, HttpFamily, HttpJobs } from "./contract/http.ts"
export type { FilterStage } from "./contract/image.ts"
export type { ModelTypes } from "./contract/options.ts"
export type { PlannedCall, Resolved, Size } from "./contract/plan.ts"
export type { InputName, JsonObject, Task } from "./contract/request.ts"
export type {
  Job,
  ParsedModel,
  Reply,
  ResumedCall,
  Transport,
  TransportCall,
} from "./contract/transport.ts"
export { type CardChanges, type DerivedCard, deriveCard } from "./models/derive-card.ts"
export { toBody }
