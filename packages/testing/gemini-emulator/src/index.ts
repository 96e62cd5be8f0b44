export type { RecordedRequest } from "./backend.ts"
export type { Bill, BillEntry } from "./bill.ts"
export { checkBody } from "./check.ts"
export { type EmulatedGemini, type EmulatedGeminiOptions, emulated } from "./emulated.ts"
export {
  createGeminiEmulator,
  type GeminiEmulator,
  type GeminiEmulatorOptions,
} from "./emulator.ts"
export { type Fault, type FaultKind, faultKinds, parseFault } from "./faults.ts"
export { chargeOf } from "./reply.ts"
export type { Api } from "./schema.ts"
export type { Usage } from "./usage.ts"
export type { Violation } from "./violations.ts"
