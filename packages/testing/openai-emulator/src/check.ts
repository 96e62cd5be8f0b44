import { isJsonObject, textAt } from "@pictor/emulator-kit"
import type { Violation } from "./errors.ts"
import { generations, xaiModels } from "./models.ts"
import { type ReadBody, readForm, readJson } from "./read-body.ts"
import { type PreviewFormat, ruleViolations } from "./rules.ts"
import { bodySchema, type Operation, xaiSchema } from "./schemas.ts"
import { uploadViolations } from "./uploads.ts"
import { schemaViolations } from "./violations.ts"

export type CheckOptions = {
  /** The model, where the URL names it and not the body. */
  readonly model?: string
  /** The preview formats that are accepted. Default: none. */
  readonly access?: readonly PreviewFormat[]
}

/** A body with its violations, of which the API reports the first. */
export type Checked = ReadBody & { readonly model: string }

/**
 * The violations for which the API rejects a body, JSON or a form, in the API's words. Empty for an
 * accepted body. An unknown model is a violation.
 *
 * @example
 * await checkBody("generations", { model: "gpt-image-2", prompt: "Tea", size: "1000x1000" })
 * // [{ param: "size", code: "invalid_value", message: "Invalid size '1000x1000': …" }]
 */
export const checkBody = async (
  operation: Operation,
  body: unknown,
  options: CheckOptions = {},
): Promise<readonly Violation[]> => (await readAndCheck(operation, body, options)).violations

export const readAndCheck = async (
  operation: Operation,
  body: unknown,
  { model: named, access = [] }: CheckOptions,
): Promise<Checked> => {
  if (body instanceof FormData) {
    const read = await readForm(body)
    const model = named ?? textAt(read.fields, "model") ?? ""
    if (operation === "generations" || Object.hasOwn(xaiModels, model))
      return { ...read, model, violations: [jsonOnly] }
    return {
      ...read,
      model,
      violations: [...read.violations, ...check(operation, read, model, access)],
    }
  }
  if (!isJsonObject(body))
    return { fields: {}, uploads: { images: [] }, model: "", violations: [notJson] }
  const read = readJson(body)
  const model = named ?? textAt(body, "model") ?? ""
  return {
    ...read,
    model,
    violations: [...check(operation, read, model, access), ...read.violations],
  }
}

const notJson: Violation = {
  param: null,
  code: "invalid_json",
  message: "The body of your request is not a JSON object sent as application/json.",
}

const jsonOnly: Violation = {
  param: null,
  code: "unsupported_content_type",
  message: "Unsupported content type: multipart/form-data. Send application/json.",
}

const check = (
  operation: Operation,
  read: ReadBody,
  model: string,
  access: readonly PreviewFormat[],
): readonly Violation[] => {
  const { fields, uploads } = read
  if (Object.hasOwn(xaiModels, model)) return xaiViolations(operation, read)
  const generation = Object.hasOwn(generations, model) ? generations[model] : undefined
  if (generation === undefined)
    return [{ param: "model", code: "model_not_found", message: "The model does not exist." }]
  const wrong = schemaViolations(bodySchema(operation, generation), fields)
  if (wrong.length > 0) return wrong
  const isEdit = operation === "edits"
  return [
    ...ruleViolations({ fields, generation, uploads: isEdit ? uploads : undefined, access }),
    ...(isEdit && read.violations.length === 0 ? uploadViolations(uploads) : []),
  ]
}

/** xAI takes one to five pictures and no mask. */
const xaiViolations = (operation: Operation, read: ReadBody): readonly Violation[] => {
  const wrong = schemaViolations(xaiSchema(operation), read.fields)
  if (wrong.length > 0 || operation === "generations") return wrong
  return read.violations.length > 0 ? [] : uploadViolations(read.uploads)
}
