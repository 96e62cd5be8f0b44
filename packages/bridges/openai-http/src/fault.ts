import { nearest, quote } from "@pictor/core/host"

/** One thing wrong with a request, by the API's own names. Never holds a prompt, image bytes or a credential. */
export interface Fault {
  /** OpenAI's: `invalid_value`, `unknown_parameter`, `invalid_image`, … */
  readonly code: string
  readonly param: string
  readonly message: string
  readonly allowed?: string
}

/** A failed request, ready to be an answer. */
export interface Problem {
  readonly status: number
  readonly type: string
  readonly code: string
  readonly message: string
  readonly param?: string
  readonly faults?: readonly Fault[]
  /** Further members of the `error` object. */
  readonly more?: Readonly<Record<string, unknown>>
  readonly headers?: Readonly<Record<string, string>>
}

/** What went well, or why not. */
export type Outcome<Value> =
  | { readonly value: Value; readonly problem?: never }
  | { readonly problem: Problem; readonly value?: never }

/** A request that is refused as it stands; sending it again changes nothing. */
export const refusal = (
  status: number,
  code: string,
  message: string,
  more: Partial<Problem> = {},
): { readonly problem: Problem } => ({
  problem: { status, type: "invalid_request_error", code, message, ...more },
})

/** All that is wrong with a request, in one answer. */
export const allWrong = (faults: readonly [Fault, ...Fault[]]): Problem => {
  const [{ code, message, param }, ...rest] = faults
  const names = [...new Set(rest.map((each) => each.param))].slice(0, 20).join(", ")
  const more = rest.length > 0 ? ` And ${rest.length} more: ${names}.` : ""
  return {
    status: 400,
    type: "invalid_request_error",
    code,
    message: message + more,
    param,
    faults,
  }
}

export const invalid = (param: string, message: string, allowed?: string): Fault => ({
  code: "invalid_value",
  param,
  message,
  ...(allowed === undefined ? {} : { allowed }),
})

export const unsupported = (param: string, message: string): Fault => ({
  code: "unsupported_parameter",
  param,
  message,
})

export const missing = (param: string, message: string): Fault => ({
  code: "missing_required_parameter",
  param,
  message,
})

export const unknown = (param: string, name: string, names: readonly string[]): Fault => ({
  code: "unknown_parameter",
  param,
  message: `There is no field ${quote(name)} here; the nearest are ${nearest(name, names).join(", ")}.`,
})
