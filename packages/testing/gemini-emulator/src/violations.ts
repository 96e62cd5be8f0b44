import type { ErrorObject } from "ajv"

/** One violation in a body: its field in Google's notation, and Google's kind of text. */
export type Violation = {
  /** Such as `contents[0].parts`; empty for the body itself. */
  readonly field: string
  readonly message: string
}

/** A violation of a rule, in the words of Google's validation of a GenerateContentRequest. */
export const invalid = (field: string, rule: string): Violation => ({
  field,
  message: `* GenerateContentRequest.${field}: ${rule}\n`,
})

/** `/contents/0/inlineData` → `contents[0].inline_data` */
const fieldOf = (pointer: string): string =>
  pointer
    .split("/")
    .slice(1)
    .map((step) => (/^\d+$/.test(step) ? `[${step}]` : `.${snakeCase(step)}`))
    .join("")
    .replace(/^\./, "")

const snakeCase = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

/** Translates an error of the schema validator. No text of the request is repeated. */
export const toViolation = (error: ErrorObject): Violation => {
  const field = fieldOf(error.instancePath)
  const describe = Object.hasOwn(words, error.keyword) ? words[error.keyword] : undefined
  return describe === undefined
    ? invalid(field, error.message ?? "is invalid")
    : describe(field, error.params, error.parentSchema ?? {})
}

type Facts = { readonly [name: string]: unknown }

const words: {
  readonly [keyword: string]: (field: string, parameters: Facts, schema: Facts) => Violation
} = {
  additionalProperties: (field, parameters) => {
    const place = field === "" ? "" : ` at '${field}'`
    const name = String(parameters["additionalProperty"]).slice(0, 60)
    return {
      field,
      message: `Invalid JSON payload received. Unknown name "${name}"${place}: Cannot find field.`,
    }
  },
  type: (field, parameters) => ({
    field,
    message: `Invalid value at '${field}' (${types[String(parameters["type"])] ?? "TYPE_MESSAGE"})`,
  }),
  pattern: (field, _, schema) => ({
    field,
    message: `Invalid value at '${field}' (TYPE_ENUM): allowed are ${schema["description"]}`,
  }),
  required: (field, parameters) => {
    const missing = `${field === "" ? "" : `${field}.`}${snakeCase(String(parameters["missingProperty"]))}`
    return invalid(missing, `${missing.split(".").at(-1)} is not specified`)
  },
  minItems: (field) => invalid(field, `${field.split(".").at(-1)} is not specified`),
}

const types: { readonly [type: string]: string } = {
  string: "TYPE_STRING",
  integer: "TYPE_INT32",
  number: "TYPE_FLOAT",
  boolean: "TYPE_BOOL",
}
