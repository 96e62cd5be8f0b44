/** What adapters and transports are written with. */

export { decodeFinishReasons, decodeImageList, isImageData } from "./bytes/decode-reply.ts"
export { lift, textOf } from "./bytes/lift.ts"
export {
  type AdapterDefinition,
  type AdapterSettings,
  type Base64,
  type CallDraft,
  defineAdapter,
  type ImageAdapter,
  type Outcome,
} from "./contract/adapter.ts"
export type {
  Alias,
  FieldName,
  ImageLimits,
  InputName,
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
export type { CardIds, CardOptions } from "./contract/options.ts"
export type { PlannedCall, Resolved, Size } from "./contract/plan.ts"
export type { JsonObject, Task } from "./contract/request.ts"
export type { FilterStage } from "./contract/result.ts"
export type { ParsedModel, Reply, Transport, TransportCall } from "./contract/transport.ts"
export { toBody } from "./planning/body.ts"
