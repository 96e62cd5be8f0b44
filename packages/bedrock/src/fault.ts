import type { Attempt } from "./attempt.ts"

/** An error of the SDK, of Node or of the network, read without trust in its shape. */
export interface Fault {
  readonly name: string
  /** `name` in lower case, without "Exception". */
  readonly type: string
  /** The provider's or Node's own words: for recognising, never for passing on. */
  readonly text: string
  readonly code?: string
  readonly syscall?: string
  readonly status?: number
  readonly requestId?: string
  readonly headers: Readonly<Record<string, string>>
  readonly html: boolean
  /** An error that the service's model names. */
  readonly modeled: boolean
}

/** Brings an error and what the attempt saw into one shape. */
export const readFault = (error: unknown, attempt: Attempt): Fault => {
  const seen = asRecord(error)
  const socket = asRecord(attempt.socketError)
  const metadata = asRecord(seen["$metadata"])
  const name = textOf(seen["name"]) ?? "Error"
  const status = attempt.status ?? numberOf(metadata["httpStatusCode"])
  const requestId = attempt.headers["x-amzn-requestid"] ?? textOf(metadata["requestId"])
  const code = textOf(socket["code"]) ?? textOf(seen["code"])
  const syscall = textOf(socket["syscall"]) ?? textOf(seen["syscall"])
  return {
    name,
    type: name.replace(/Exception$/, "").toLowerCase(),
    text: textOf(seen["message"]) ?? textOf(seen["Message"]) ?? "",
    ...(code && { code }),
    ...(syscall && { syscall }),
    ...(status !== undefined && { status }),
    ...(requestId && { requestId }),
    headers: attempt.headers,
    html: name === "SyntaxError" || /^text\/html/i.test(attempt.headers["content-type"] ?? ""),
    modeled: "$fault" in seen,
  }
}

/** What may be kept as `cause`: the error's kind, without its words. */
export const sanitise = ({ name, code, status }: Fault): Error => {
  const words = [safe(code), status !== undefined ? `HTTP ${status}` : ""]
    .filter(Boolean)
    .join(", ")
  const cause = new Error(words || "no further detail")
  cause.name = safe(name) || "Error"
  return cause
}

const safe = (text = ""): string => (/^[\w.-]{1,80}$/.test(text) ? text : "")

const asRecord = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {}

const textOf = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined

const numberOf = (value: unknown): number | undefined =>
  typeof value === "number" ? value : undefined
