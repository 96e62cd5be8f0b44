import { Ajv, type ErrorObject, type ValidateFunction } from "ajv"
import type { Violation } from "./errors.ts"
import type { JsonSchema } from "./schemas.ts"

const validators = new Map<string, ValidateFunction>()

/** The violations of a schema, unknown parameters first. */
export const schemaViolations = (schema: JsonSchema, body: unknown): readonly Violation[] => {
  const key = JSON.stringify(schema)
  const validate =
    validators.get(key) ??
    new Ajv({ allErrors: true, verbose: true, allowUnionTypes: true }).compile(schema)
  validators.set(key, validate)
  if (validate(body)) return []
  const errors = validate.errors ?? []
  return errors
    .toSorted((left, right) => rank(left) - rank(right))
    .map((error) => toViolation(error))
}

const order = ["additionalProperties", "required", "type"]

const rank = ({ keyword }: ErrorObject): number => {
  const place = order.indexOf(keyword)
  return place < 0 ? order.length : place
}

/** `/images/0/image_url` → `images[0].image_url` */
const nameOf = (path: string): string =>
  path
    .slice(1)
    .replace(/\/(\d+)/g, "[$1]")
    .replaceAll("/", ".")

const inside = (parent: string, name: unknown): string =>
  parent === "" ? String(name) : `${parent}.${name}`

type Words = (
  name: string,
  params: Readonly<Record<string, unknown>>,
  data: unknown,
) => readonly [param: string, code: string, message: string]

const words: { readonly [keyword: string]: Words } = {
  additionalProperties: (name, params) => {
    const param = inside(name, params["additionalProperty"]).slice(0, 100)
    return [param, "unknown_parameter", `Unknown parameter: '${param}'.`]
  },
  required: (name, params) => {
    const param = inside(name, params["missingProperty"])
    return [param, "missing_required_parameter", `Missing required parameter: '${param}'.`]
  },
  type: (name, params, data) => [
    name,
    "invalid_type",
    `Invalid type for '${name}': expected ${listed(params["type"])}, but got ${typeOf(data)} instead.`,
  ],
  enum: (name, params, data) => [
    name,
    "invalid_value",
    `Invalid value: '${String(data).slice(0, 60)}'. Supported values are: ${listed(params["allowedValues"])}.`,
  ],
  minimum: (name, params) => [
    name,
    "integer_below_min_value",
    `Invalid '${name}': integer below minimum value. Expected a value >= ${params["limit"]}.`,
  ],
  maximum: (name, params) => [
    name,
    "integer_above_max_value",
    `Invalid '${name}': integer above maximum value. Expected a value <= ${params["limit"]}.`,
  ],
  minLength: (name) => [
    name,
    "empty_string",
    `Invalid '${name}': empty string. Expected a string with at least 1 character.`,
  ],
  maxLength: (name, params) => [
    name,
    "string_above_max_length",
    `Invalid '${name}': string too long. Expected a string with at most ${params["limit"]} characters.`,
  ],
  minItems: (name, params) => [
    name,
    "array_below_min_length",
    `Invalid '${name}': array too short. Expected an array with at least ${params["limit"]} items.`,
  ],
  maxItems: (name, params) => [
    name,
    "array_above_max_length",
    `Invalid '${name}': array too long. Expected an array with at most ${params["limit"]} items.`,
  ],
}

const toViolation = ({ keyword, instancePath, params, data }: ErrorObject): Violation => {
  const name = nameOf(instancePath)
  const [param, code, message] = words[keyword]?.(name, params, data) ?? [
    name,
    "invalid_value",
    `Invalid '${name}'.`,
  ]
  return { param, code, message }
}

const listed = (values: unknown): string =>
  (Array.isArray(values) ? values : [values])
    .filter((value) => value !== null && value !== "null")
    .map((value) => `'${value}'`)
    .join(", ")

const typeOf = (value: unknown): string => {
  if (value === null) return "null"
  return Array.isArray(value) ? "an array" : typeof value
}
