import { z } from "zod"

/** One field of a request body. The parser, the errors and the OpenAPI document read this table. */
export interface Parameter {
  readonly schema: z.ZodType
  /** Completes "… must be". */
  readonly allowed: string
  readonly description: string
  /** Core's field. */
  readonly field?: string
  /** Values that mean the same as leaving the field out. */
  readonly defaults?: readonly unknown[]
  /** The same for values that a list cannot hold. */
  readonly isDefault?: (value: unknown) => boolean
  /** Values by which a model that has no such setting loses nothing. */
  readonly lossless?: readonly unknown[]
  /**
   * Reason that the field has no effect on a model that does not have it. Reported as a dropped
   * change; rejected under `strict`.
   */
  readonly ignored?: string
  /** Reason that every value is rejected by a model without the field, and what to do. */
  readonly unsupported?: string
  /** The same for single values that the model does not have. */
  readonly unsupportedValues?: Readonly<Record<string, string>>
  /** `parse-request.ts` or `handler.ts` has code for this field. */
  readonly special?: true
}

export const oneOf = (...values: readonly [string, ...string[]]) => ({
  schema: z.enum(values),
  allowed: `one of ${values.join(", ")}`,
})
export const text = { schema: z.string(), allowed: "a string" }
export const number = { schema: z.number(), allowed: "a number" }
export const flag = { schema: z.boolean(), allowed: "true or false" }
export const integer = (min: number, max = Number.MAX_SAFE_INTEGER) => ({
  schema: max === Number.MAX_SAFE_INTEGER ? z.int().min(min) : z.int().min(min).max(max),
  allowed: `an integer ${max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`}`,
})
export const anything = { schema: z.unknown(), allowed: "anything" }

/** As long as a text of the ledger may be. */
export const accountText = {
  schema: z.string().max(500),
  allowed: "a string of at most 500 characters",
}

const maxSeconds = 86_400

export const seconds = {
  schema: z.number().positive().max(maxSeconds),
  allowed: `a number of seconds above 0, up to ${maxSeconds.toLocaleString("en")}`,
}
