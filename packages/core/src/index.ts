export { createPictor } from "./client.ts"
export type { ImageAdapter } from "./contract/adapter.ts"
export type {
  ConfiguredPrice,
  FieldName,
  Lifecycle,
  LifecycleStatus,
  ModelCard,
  Parameter,
  PriceRow,
  PriceUnit,
  Units,
  UnitTerms,
} from "./contract/card.ts"
export type {
  ModelId,
  ModelInfo,
  ModelsOf,
  Pictor,
  PictorFor,
  PictorOptions,
  UnfinishedRow,
} from "./contract/client.ts"
export { type Cost, formatUsd } from "./contract/cost.ts"
export type { Slot } from "./contract/errors.ts"
export {
  type ErrorCode,
  type ExceededBudget,
  ImageError,
  type ImageErrorOptions,
  type Issue,
  isImageError,
} from "./contract/errors.ts"
export type {
  GenerateOptions,
  ImageResult,
  ImagesEvent,
  PartialEvent,
  ReplayInputs,
  ReplayOptions,
  ResumeResult,
  RetryOptions,
} from "./contract/generate.ts"
export type { FilterStage, Image, Recipe } from "./contract/image.ts"
export type { FittedImage, ImageOps, Inspection, Transform } from "./contract/image-ops.ts"
export type {
  ImageAbout,
  ImagePage,
  ImageQuery,
  ImageStore,
  ListedImage,
} from "./contract/image-store.ts"
export type {
  Budget,
  Ledger,
  Limit,
  Scope,
  SpendKey,
  SpendQuery,
  SpendRow,
  SubmittedJob,
  UnresolvedQuery,
  UnresolvedRow,
  Window,
} from "./contract/ledger.ts"
export type { Middleware } from "./contract/middleware.ts"
export type {
  Change,
  Estimate,
  InputImage,
  Plan,
  PlannedCall,
  Resolved,
  Size,
} from "./contract/plan.ts"
export type {
  Account,
  Garment,
  ImageRequest,
  ImageSource,
  JsonObject,
  Margins,
  OptionsFor,
  Reference,
  RequestFor,
  Settings,
  Task,
  TaskInputs,
  WeightedPrompt,
} from "./contract/request.ts"
export type { Runtime } from "./contract/runtime.ts"
export { type MemoryLedgerOptions, memoryLedger } from "./ledger/memory-ledger.ts"
export { concurrency } from "./middleware/concurrency.ts"
export { type FallbackOptions, fallback } from "./middleware/fallback.ts"
export { type LogEvent, logger } from "./middleware/logger.ts"
