import type { Parameter } from "./card.ts"
import { isLegalSize } from "./sizes.ts"
import { isRecord } from "./wire.ts"

/** As JSON Schema counts: Unicode code points. */
export const characters = (text: string): number => {
  let count = 0
  for (const _ of text) count++
  return count
}

/** What a parameter allows, in words. */
export const allowedBy = (parameter: Parameter): string => {
  switch (parameter.kind) {
    case "range":
      return `${parameter.integer ? "a whole number" : "a number"} from ${parameter.min} to ${parameter.max}`
    case "seed":
      return `a whole number from ${parameter.min} to ${parameter.max}`
    case "count":
      return parameter.max === 1 ? "1" : `a whole number from 1 to ${parameter.max}`
    case "enum":
      return `one of ${parameter.values.join(", ")}`
    case "text":
      return `a text of ${parameter.min ?? 0} to ${parameter.max} characters`
    case "prompts":
      return `a list of { text, weight? }, each text of at most ${parameter.max} characters`
    case "sizes":
      return parameter.values.length > 30
        ? `one of ${parameter.values.length} sizes, among them ${parameter.values.slice(0, 9).join(", ")}`
        : `one of ${parameter.values.join(", ")}`
    case "grid":
      return `sides of ${parameter.side[0]} to ${parameter.side[1]} pixels divisible by ${parameter.multiple}, at most ${parameter.pixels} pixels and ${parameter.ratio}:1`
    case "ratios":
      return `one of ${parameter.values.join(", ")}`
    case "image":
    case "mask":
      return "an image in base64"
    case "images":
      return `1 to ${parameter.max} images in base64`
    case "colors":
      return `1 to ${parameter.max} colours as #RRGGBB`
    case "flag":
      return "true or false"
    case "object":
      return `an object of ${Object.keys(parameter.fields).join(", ")}`
    case "json":
      return "an object"
  }
}

const isWhole = (value: unknown, min: number, max: number): boolean => Number.isInteger(value) && (value as number) >= min && (value as number) <= max

const isText = (value: unknown, min: number, max: number): boolean => {
  if (typeof value !== "string" || value.length < min) return false
  return value.length <= max || characters(value) <= max
}

/** Is it a list of weighted texts? */
export const isPromptList = (value: unknown, max: number): boolean =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.every(
    (each) =>
      isRecord(each) &&
      isText(each["text"], 0, max) &&
      (each["weight"] === undefined || Number.isFinite(each["weight"])) &&
      Object.keys(each).every((key) => key === "text" || key === "weight"),
  )

const isList = (value: unknown, max: number, isEach: (each: unknown) => boolean): boolean =>
  Array.isArray(value) && value.length > 0 && value.length <= max && value.every(isEach)

const deepest = 32

/** Is it what JSON can say, no number lost? */
const isJson = (value: unknown, depth = 0): boolean => {
  if (value === null || typeof value === "string" || typeof value === "boolean") return true
  if (typeof value !== "object") return Number.isFinite(value)
  return depth < deepest && Object.values(value).every((each) => each === undefined || isJson(each, depth + 1))
}

/** Does the model take exactly this value there? */
export const isAllowed = (parameter: Parameter, value: unknown): boolean => {
  switch (parameter.kind) {
    case "range":
      return (
        Number.isFinite(value) &&
        (value as number) >= parameter.min &&
        (value as number) <= parameter.max &&
        (!parameter.integer || Number.isInteger(value))
      )
    case "seed":
      return isWhole(value, parameter.min, parameter.max)
    case "count":
      return isWhole(value, 1, parameter.max)
    case "enum":
      return parameter.values.includes(value as string) || (parameter.tolerated?.includes(value as string) ?? false)
    case "text":
      return isText(value, parameter.min ?? 0, parameter.max)
    case "prompts":
      return isPromptList(value, parameter.max)
    case "sizes":
    case "grid":
      return isLegalSize(parameter, value)
    case "ratios":
      return parameter.values.includes(value as string)
    case "image":
    case "mask":
      return typeof value === "string" && value !== ""
    case "images":
      return isList(value, parameter.max, (each) => typeof each === "string" && each !== "")
    case "colors":
      return isList(value, parameter.max, (each) => typeof each === "string" && /^#[0-9a-f]{6}$/i.test(each))
    case "flag":
      return typeof value === "boolean"
    case "object":
    case "json":
      return isRecord(value) && isJson(value)
  }
}
