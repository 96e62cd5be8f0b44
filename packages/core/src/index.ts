export { decodeFinishReasons } from "./bytes/finish-reasons.ts"
export { decodeImageList, isImageData } from "./bytes/image-list.ts"
export { lift, textOf } from "./bytes/lift.ts"
export { createPictor } from "./client.ts"
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
  ConfiguredPrice,
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
export type { ModelInfo, OptionsFor, Pictor, PictorOptions } from "./contract/client-types.ts"
export {
  type ErrorCode,
  ImageError,
  type ImageErrorOptions,
  type Issue,
  isImageError,
} from "./contract/errors.ts"
export type {
  Budget,
  Ledger,
  Limit,
  Recalled,
  RecalledCall,
  Reservation,
  ReservationRow,
  Reserved,
  RowState,
  Scope,
  Settlement,
  SpendKey,
  SpendQuery,
  SpendRow,
  Window,
} from "./contract/ledger.ts"
export type { CardIds, CardOptions } from "./contract/options.ts"
export type { Change, InputImage, Plan, PlannedCall, Resolved, Size } from "./contract/plan.ts"
export {
  type CallAnswer,
  type CallAttempt,
  type ImageOps,
  type ImageStore,
  type Inspection,
  type Middleware,
  retarget,
} from "./contract/ports.ts"
export type {
  Account,
  Garment,
  ImageRequest,
  ImageSource,
  JsonObject,
  Margins,
  Settings,
  Task,
  TaskInputs,
  WeightedPrompt,
} from "./contract/request.ts"
export type { FilterStage, Image, ImageResult, Recipe, Slot } from "./contract/result.ts"
export type { Runtime } from "./contract/runtime.ts"
export type { ParsedModel, Reply, Transport, TransportCall } from "./contract/transport.ts"
export { type MemoryLedgerOptions, memoryLedger } from "./ledger/memory-ledger.ts"
export { concurrency } from "./middleware/concurrency.ts"
export { type FallbackOptions, fallback } from "./middleware/fallback.ts"
export { type LogEvent, logger } from "./middleware/logger.ts"
export {
  type Attempt,
  type Candidate,
  type FallbackRules,
  hasOptions,
  isModelsOwn,
  retargetChanges,
  runFallbacks,
} from "./middleware/turns.ts"
export { nearest, quote } from "./models/nearest.ts"
export { toBody } from "./planning/body.ts"
export type { Cost } from "./planning/price.ts"
export type { RetryOptions } from "./sending/attempts.ts"
export type { GenerateOptions, ImagesEvent } from "./sending/run.ts"
