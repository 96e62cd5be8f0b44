import { type Fault, parseFault } from "./fault.ts"

/** The fault that a request names in a header, or in its prompt, such as `[[fault:throttle]]`. */
export const requestedFault = (
  headers: Readonly<Record<string, string>>,
  body: string,
): Fault | "unknown" | undefined => {
  const text = headers["x-emulator-fault"] ?? /\[\[fault:([^\]]{1,100})\]\]/.exec(body)?.[1]
  return text === undefined ? undefined : (parseFault(text) ?? "unknown")
}
