export { type AdapterSettings, type Base64, type Draft, defineAdapter, type Family, type ImageAdapter, type Outcome } from "./adapter.ts"
export type { RetryOptions } from "./attempts.ts"
export { toBody } from "./body.ts"
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
} from "./card.ts"
export { createPictor } from "./client.ts"
export type { ModelInfo, OptionsFor, Pictor, PictorOptions } from "./client-types.ts"
export { concurrency } from "./concurrency.ts"
export { type ErrorCode, ImageError, type ImageErrorOptions, type Issue, isImageError } from "./errors.ts"
export { type FallbackOptions, fallback } from "./fallback.ts"
export { decodeFinishReasons } from "./finish-reasons.ts"
export { decodeImageList, isImageData } from "./image-list.ts"
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
} from "./ledger.ts"
export { lift, textOf } from "./lift.ts"
export { type LogEvent, logger } from "./logger.ts"
export { type MemoryLedgerOptions, memoryLedger } from "./memory-ledger.ts"
export { nearest, quote } from "./nearest.ts"
export type { CardIds, CardOptions } from "./options.ts"
export type { Change, InputImage, Plan, PlannedCall, Resolved, Size } from "./plan.ts"
export { type CallAnswer, type CallAttempt, type ImageOps, type ImageStore, type Inspection, type Middleware, retarget } from "./ports.ts"
export type { Cost } from "./price.ts"
export type { Account, Garment, ImageRequest, ImageSource, Loose, Margins, Settings, Task, TaskInputs, WeightedPrompt } from "./request.ts"
export type { Image, ImageResult, Recipe, Slot, Stage } from "./result.ts"
export type { Running } from "./run.ts"
export type { Runtime } from "./runtime.ts"
export type { ParsedModel, Reply, Transport, TransportCall } from "./transport.ts"
export { hasOptions, isModelsOwn, retargetChanges, type Tried, type Turn, type TurnRules, takeTurns } from "./turns.ts"
