export { type AdapterSettings, type Base64, type Draft, defineAdapter, type Family, type ImageAdapter, type Outcome } from "./adapter.ts"
export type {
  Alias,
  ConfiguredPrice,
  FieldName,
  Lifecycle,
  LifecycleStatus,
  ModelCard,
  Parameter,
  PriceRow,
  TaskCard,
} from "./card.ts"
export { type ErrorCode, ImageError, type ImageErrorOptions, type Issue, isImageError } from "./errors.ts"
export type {
  Budget,
  Ledger,
  Limit,
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
export type { Change, Plan, PlannedCall, Resolved, Size } from "./plan.ts"
export { type CallAnswer, type CallAttempt, type ImageOps, type ImageStore, type Inspection, type Middleware, retarget } from "./ports.ts"
export type { Cost } from "./price.ts"
export type { Account, Garment, ImageRequest, ImageSource, Loose, Margins, Settings, Task, TaskInputs, WeightedPrompt } from "./request.ts"
export type { Image, ImageResult, Recipe, Slot, Stage } from "./result.ts"
export type { ParsedModel, Reply, Transport, TransportCall } from "./transport.ts"
