import type { ErrorObject } from "ajv"

/** One reason of a 422, in the form of FastAPI: https://docs.pydantic.dev/latest/errors/ */
export type Detail = {
  readonly loc: readonly (string | number)[]
  readonly msg: string
  readonly type: string
}

/** A violation of a rule that no schema can state. */
export const ruleViolation = (field: string, message: string): Detail => ({
  loc: ["body", ...field.split(".").map(toStep)],
  msg: `Value error, ${message}`,
  type: "value_error",
})

export const invalidJson: Detail = { loc: ["body"], msg: "JSON decode error", type: "json_invalid" }

/** Translates errors of the schema validator, run with `verbose`: one for each value. */
export const toDetails = (errors: readonly ErrorObject[]): readonly Detail[] => {
  // A value of the wrong type has no other error.
  const ordered = errors.toSorted((one, other) => rank(one) - rank(other)).map(toDetail)
  const first = new Map<string, Detail>()
  for (const detail of ordered) {
    const place = detail.loc.join("/")
    if (!first.has(place)) first.set(place, detail)
  }
  return [...first.values()]
}

const rank = ({ keyword }: ErrorObject): number => (keyword === "type" ? 0 : 1)

const toDetail = ({ keyword, params, instancePath, data, message }: ErrorObject): Detail => {
  const named: unknown = params["missingProperty"] ?? params["additionalProperty"]
  const path = instancePath.split("/").slice(1)
  const loc = ["body", ...path.map(toStep), ...(typeof named === "string" ? [named] : [])]
  const words = wordings[keyword]?.(params, data)
  return { loc, type: words?.[0] ?? "value_error", msg: words?.[1] ?? `${message}` }
}

const toStep = (step: string): string | number => (/^[0-9]+$/.test(step) ? Number(step) : step)

type Wording = readonly [type: string, message: string]

type Parameters = { readonly [name: string]: unknown }

const wordings: {
  readonly [keyword: string]: (parameters: Parameters, value: unknown) => Wording
} = {
  required: () => ["missing", "Field required"],
  additionalProperties: () => ["extra_forbidden", "Extra inputs are not permitted"],
  type: ({ type }, value) => wrongType(String(type), value),
  enum: ({ allowedValues }) => ["literal_error", `Input should be ${listed(allowedValues)}`],
  minimum: ({ limit }) => [
    "greater_than_equal",
    `Input should be greater than or equal to ${limit}`,
  ],
  maximum: ({ limit }) => ["less_than_equal", `Input should be less than or equal to ${limit}`],
  multipleOf: ({ multipleOf }) => ["multiple_of", `Input should be a multiple of ${multipleOf}`],
  pattern: ({ pattern }) => ["string_pattern_mismatch", `String should match pattern '${pattern}'`],
  minLength: ({ limit }) => [
    "string_too_short",
    `String should have at least ${limit} character${limit === 1 ? "" : "s"}`,
  ],
  maxLength: ({ limit }) => ["string_too_long", `String should have at most ${limit} characters`],
  minItems: ({ limit }, value) => ["too_short", `List should have at least ${count(limit, value)}`],
  maxItems: ({ limit }, value) => ["too_long", `List should have at most ${count(limit, value)}`],
}

const wrongType = (type: string, value: unknown): Wording => {
  if (type === "integer" && typeof value === "number")
    return [
      "int_from_float",
      "Input should be a valid integer, got a number with a fractional part",
    ]
  return typeWordings[type] ?? ["type_error", "Input has a wrong type"]
}

const typeWordings: { readonly [type: string]: Wording } = {
  string: ["string_type", "Input should be a valid string"],
  integer: ["int_type", "Input should be a valid integer"],
  number: ["float_type", "Input should be a valid number"],
  boolean: ["bool_type", "Input should be a valid boolean"],
  array: ["list_type", "Input should be a valid list"],
  object: ["model_attributes_type", "Input should be a valid dictionary"],
}

const listed = (values: unknown): string => {
  const quoted = Array.isArray(values) ? values.map((value) => `'${value}'`) : []
  return quoted.length < 2
    ? quoted.join("")
    : `${quoted.slice(0, -1).join(", ")} or ${quoted.at(-1)}`
}

const count = (limit: unknown, value: unknown): string =>
  `${limit} item${limit === 1 ? "" : "s"} after validation, not ${Array.isArray(value) ? value.length : 0}`
