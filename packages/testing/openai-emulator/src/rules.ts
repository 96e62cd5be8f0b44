import { type JsonObject, numberAt, textAt } from "@pictor/emulator-kit"
import type { Violation } from "./errors.ts"
import type { Generation } from "./models.ts"
import { sizeViolations } from "./size.ts"
import type { Uploads } from "./uploads.ts"

/** Output formats that an organisation has access to beside png, jpeg and webp. */
export type PreviewFormat = "gif" | "svg"

export type RuleContext = {
  readonly fields: JsonObject
  readonly generation: Generation
  readonly uploads: Uploads | undefined
  readonly access: readonly PreviewFormat[]
}

type Rule = (context: RuleContext) => readonly Violation[]

const rejected = (param: string, message: string): Violation => ({
  param,
  code: "invalid_value",
  message,
})

const isSet = (fields: JsonObject, name: string): boolean =>
  fields[name] !== undefined && fields[name] !== null

const formatOf = (fields: JsonObject): string => textAt(fields, "output_format") ?? "png"

const size: Rule = ({ fields, generation }) => sizeViolations(textAt(fields, "size"), generation)

const background: Rule = ({ fields }) =>
  textAt(fields, "background") === "transparent" && !["png", "webp"].includes(formatOf(fields))
    ? [rejected("background", "Transparent backgrounds require output_format png or webp.")]
    : []

const compression: Rule = ({ fields }) =>
  isSet(fields, "output_compression") && !["jpeg", "webp"].includes(formatOf(fields))
    ? [rejected("output_compression", "output_compression requires output_format jpeg or webp.")]
    : []

const access: Rule = ({ fields, generation, access: granted }) => {
  const format = formatOf(fields)
  if (format !== "gif" && format !== "svg") return []
  return generation.animated && granted.includes(format)
    ? []
    : [
        rejected(
          "output_format",
          `Your organization does not have access to output_format ${format} with this model.`,
        ),
      ]
}

const frames: Rule = ({ fields }) =>
  formatOf(fields) === "gif"
    ? []
    : ["frame_count", "frame_duration_ms"]
        .filter((name) => isSet(fields, name))
        .map((name) => rejected(name, `${name} requires output_format gif.`))

/** What gif and svg do not support. */
const preview: Rule = ({ fields, uploads }) => {
  const format = formatOf(fields)
  if (format !== "gif" && format !== "svg") return []
  const wrong = [
    ...(fields["stream"] === true ? ["stream"] : []),
    ...((numberAt(fields, "partial_images") ?? 0) > 0 ? ["partial_images"] : []),
    ...(format === "gif" && uploads?.mask !== undefined ? ["mask"] : []),
    ...(format === "svg" && (numberAt(fields, "n") ?? 1) > 1 ? ["n"] : []),
  ]
  return wrong.map((name) =>
    rejected(
      name,
      name === "n" ? "output_format svg requires n=1." : `${name} is not supported with ${format}.`,
    ),
  )
}

const svgAuthor: Rule = ({ fields }) =>
  isSet(fields, "svg") && formatOf(fields) !== "svg"
    ? [rejected("svg", "svg requires output_format svg.")]
    : []

const markup: Rule = ({ uploads, generation }) =>
  uploads?.markup !== undefined && !generation.markup
    ? [rejected("markup", "markup is not supported by this model.")]
    : []

const rules: readonly Rule[] = [
  size,
  background,
  compression,
  access,
  frames,
  preview,
  svgAuthor,
  markup,
]

/** The violations that depend on several fields. */
export const ruleViolations = (context: RuleContext): readonly Violation[] =>
  rules.flatMap((rule) => rule(context))
