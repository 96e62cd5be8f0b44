import type { JsonObject } from "@pictor/core"

/** A plain object from JSON or from a form. */
export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype

/** Clients send `null` for parameters that they leave out. */
export const isPresent = (value: unknown): boolean => value !== undefined && value !== null

export const withoutAbsent = (fields: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => isPresent(value)))
