/** For programs that serve a client: the fallback engine and the call types of middleware. */

export { encodeBase64, fromDataUrlOrBase64 } from "./bytes/base64.ts"
export { type Sniffed, sniff } from "./bytes/image.ts"
export { defaultMaxInputPixels } from "./contract/image-ops.ts"
export { type CallAnswer, type CallAttempt, retarget } from "./contract/middleware.ts"
export { inputNames } from "./contract/request.ts"
export { defined, valueAt } from "./lib/object.ts"
export {
  type Attempt,
  type Candidate,
  type FallbackRules,
  hasOptions,
  isModelsOwn,
  retargetChanges,
  runFallbacks,
} from "./middleware/fallback.ts"
export { impliedTask, namedTasks, onlyPictureOf } from "./models/implied-task.ts"
export { lifecycleOn } from "./models/registry.ts"
export { checkOptionNames, nearest, quote } from "./models/suggest.ts"
export {
  type EditSources,
  type FetchImage,
  joinFields,
  toEditFields,
} from "./planning/inputs/edit-fields.ts"
