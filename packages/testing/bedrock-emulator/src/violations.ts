import type { ErrorObject } from "ajv"

/**
 * One violation in a body: its place as a JSON pointer fragment (`#/textToImageParams/text`), and
 * Bedrock's text.
 */
export type Violation = { readonly path: string; readonly message: string }

/**
 * Translates an error of the schema validator (run with `verbose`, which keeps the value) into
 * Bedrock's text.
 */
export const toViolation = (error: ErrorObject): Violation => {
  const describe = words[error.keyword]
  const message = describe === undefined ? `${error.message}` : describe(error.params, error.data)
  return { path: `#${error.instancePath}`, message }
}

/** The message for a rejected body: the violation, or the number of violations. */
export const malformed = (violations: readonly Violation[]): string => {
  const [first] = violations
  const reason =
    violations.length === 1 && first !== undefined
      ? `${first.path}: ${first.message}`
      : `${violations.length} schema violations found`
  return `Malformed input request: ${reason}, please reformat your input and try again.`
}

export const missing = (path: string, key: string): Violation => ({
  path,
  message: `required key [${key}] not found`,
})

export const extraneous = (path: string, key: string): Violation => ({
  path,
  message: `extraneous key [${key}] is not permitted`,
})

/** A body that is not an object. */
export const notAnObject = (value: unknown): Violation => ({
  path: "#",
  message: `expected type: JSONObject, found: ${foundType(value)}`,
})

type Words = (parameters: { readonly [name: string]: unknown }, value: unknown) => string

const words: { readonly [keyword: string]: Words } = {
  required: (parameters) => `required key [${parameters["missingProperty"]}] not found`,
  additionalProperties: (parameters) =>
    `extraneous key [${parameters["additionalProperty"]}] is not permitted`,
  dependencies: (parameters) => `property [${parameters["missingProperty"]}] is required`,
  minLength: (parameters, value) =>
    `expected minLength: ${parameters["limit"]}, actual: ${codePoints(value)}`,
  maxLength: (parameters, value) =>
    `expected maxLength: ${parameters["limit"]}, actual: ${codePoints(value)}`,
  minItems: (parameters, value) =>
    `expected minimum item count: ${parameters["limit"]}, found: ${count(value)}`,
  maxItems: (parameters, value) =>
    `expected maximum item count: ${parameters["limit"]}, found: ${count(value)}`,
  minimum: (parameters, value) => `${value} is not greater or equal to ${parameters["limit"]}`,
  maximum: (parameters, value) => `${value} is not less or equal to ${parameters["limit"]}`,
  multipleOf: (parameters, value) => `${value} is not a multiple of ${parameters["multipleOf"]}`,
  enum: (_, value) => `${value} is not a valid enum value`,
  pattern: (parameters, value) =>
    `string [${value}] does not match pattern ${parameters["pattern"]}`,
  type: (parameters, value) =>
    `expected type: ${expectedType(parameters["type"])}, found: ${foundType(value)}`,
}

const codePoints = (value: unknown): number => [...String(value)].length

const count = (value: unknown): number => (Array.isArray(value) ? value.length : 0)

const typeNames: { readonly [type: string]: string } = {
  object: "JSONObject",
  array: "JSONArray",
  string: "String",
  boolean: "Boolean",
  number: "Number",
  integer: "Integer",
}

const expectedType = (type: unknown): string => typeNames[String(type)] ?? String(type)

const foundType = (value: unknown): string => {
  if (value === null) return "Null"
  if (Array.isArray(value)) return "JSONArray"
  if (typeof value === "number") return Number.isInteger(value) ? "Integer" : "BigDecimal"
  return typeNames[typeof value] ?? "JSONObject"
}
