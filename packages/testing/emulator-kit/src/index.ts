export { type Clock, type ManualClock, manualClock, systemClock } from "./clock.ts"
export {
  commonOptions,
  failCommand,
  readCommand,
  readCommon,
  serveCommand,
  wholeNumber,
} from "./command.ts"
export { type Delivery, deliver, never, pause } from "./delivery.ts"
export {
  type Area,
  bounds,
  boxArea,
  ellipseArea,
  emptyArea,
  inverse,
  maskArea,
  maskPicture,
  paste,
  transparentArea,
  without,
} from "./drawing/area.ts"
export { decode } from "./drawing/decode.ts"
export { draw, finish, finishBlurred, type Painted, paint } from "./drawing/drawing.ts"
export { encode, encodeAnimation, type Format, resized } from "./drawing/encode.ts"
export { grown } from "./drawing/grow.ts"
export type { Pixels, Rectangle, Size } from "./drawing/pixels.ts"
export type { Drawing } from "./drawing/types.ts"
export { cutOut } from "./editing/cut-out.ts"
export { dress } from "./editing/dress.ts"
export { enlarge, magnify } from "./editing/enlarge.ts"
export { erase } from "./editing/erase.ts"
export { extend } from "./editing/extend.ts"
export { fill } from "./editing/fill.ts"
export {
  followColors,
  followEdges,
  followStructure,
  followStyle,
  transferStyle,
} from "./editing/guide.ts"
export { paintIsolated } from "./editing/isolate.ts"
export { mixed } from "./editing/mixed.ts"
export { recolor } from "./editing/recolor.ts"
export { areaOfWords, boxAreaOfWords } from "./editing/regions.ts"
export { vary } from "./editing/vary.ts"
export { createFaultRules, type FaultRule, parseFaultRule, requestedFaultRule } from "./faults.ts"
export { type ImageHeader, imageHeader } from "./image-header.ts"
export { at, isJsonObject, type JsonObject, numberAt, textAt, textsAt } from "./json.ts"
export { checkNames } from "./options.ts"
export { hash, randomNumbers } from "./random.ts"
export { requestId } from "./request-id.ts"
export {
  type FetchHandler,
  goneSignal,
  type Head,
  resetConnection,
  type Served,
  sendPieces,
  serveFetch,
} from "./serve.ts"
export { type SharedEmulator, shareEmulator } from "./share.ts"
