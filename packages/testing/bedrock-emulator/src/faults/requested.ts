import { requestedFaultRule } from "@pictor/emulator-kit"
import { type Fault, faultKinds } from "./fault.ts"

/** The fault that a request names in a header, or in its prompt, such as `[[fault:throttle]]`. */
export const requestedFault = (
  headers: Readonly<Record<string, string>>,
  body: string,
): Fault | "unknown" | undefined =>
  requestedFaultRule(headers["x-emulator-fault"], body, faultKinds)
