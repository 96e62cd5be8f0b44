import { isJsonObject, type JsonObject } from "@pictor/emulator-kit"
import { Ajv, type ValidateFunction } from "ajv"
import type { Model } from "./model.ts"
import type { JsonSchema } from "./schemas/parts.ts"
import { missing, notAnObject, toViolation, type Violation } from "./violations.ts"

/**
 * The violations of a body for this model: those of its schema, or if there are none, those of the
 * other rules.
 */
export const checkModelBody = (model: Model, body: unknown): readonly Violation[] => {
  if (!isJsonObject(body)) return [notAnObject(body)]
  const task = model.family.taskOf(body)
  if (!Object.hasOwn(model.schemas, task)) return [unknownTask(body)]
  const validate = validator(model.schemas[task] ?? {})
  return validate(body) ? model.family.rules(body) : (validate.errors ?? []).map(toViolation)
}

const unknownTask = (body: JsonObject): Violation => {
  const task = body["taskType"]
  if (task === undefined) return missing("#", "taskType")
  return {
    path: "#/taskType",
    message: `${typeof task === "string" ? task : JSON.stringify(task)} is not a valid enum value`,
  }
}

const validators = new WeakMap<JsonSchema, ValidateFunction>()

const validator = (schema: JsonSchema): ValidateFunction => {
  const known = validators.get(schema)
  if (known !== undefined) return known
  const compiled = new Ajv({ allErrors: true, verbose: true }).compile(schema)
  validators.set(schema, compiled)
  return compiled
}
