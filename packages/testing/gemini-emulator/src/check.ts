import { imageHeader, isJsonObject, type JsonObject, textAt } from "@pictor/emulator-kit"
import { Ajv, type ValidateFunction } from "ajv"
import { type Model, maxPictures, modelOf } from "./models.ts"
import { type ImageRequest, listAt, modalitiesOf, readRequest } from "./request.ts"
import { type Api, normalized, schemas } from "./schema.ts"
import { promptUsage } from "./usage.ts"
import { invalid, toViolation, type Violation } from "./violations.ts"

type Checked =
  | { readonly violations: readonly Violation[] }
  | { readonly body: JsonObject; readonly request: ImageRequest }

/**
 * Checks a body against the schema, and if that accepts it, against the model's rules. Where
 * sources disagree, a body is accepted if one of them allows it.
 */
export const checkRequest = (model: Model, api: Api, sent: unknown): Checked => {
  const body = normalized(sent)
  if (!isJsonObject(body)) return { violations: [notAnObject] }
  const validate = validators[api]
  if (!validate(body)) return { violations: (validate.errors ?? []).map(toViolation) }
  const request = readRequest(body)
  const violations = rules.flatMap((rule) => rule({ model, body, request }))
  return violations.length > 0 ? { violations } : { body, request }
}

/**
 * The violations for which Google rejects the body of this model; empty for an accepted body.
 *
 * @example
 * checkBody("gemini-nano-banana-2.1", { contents: [] })
 * // [{ field: "contents", message: "* GenerateContentRequest.contents: contents is not …" }]
 */
export const checkBody = (
  modelId: string,
  body: unknown,
  api: Api = "gemini",
): readonly Violation[] => {
  const model = modelOf(modelId)
  if (model === undefined) return [{ field: "model", message: `unknown model ${modelId}` }]
  const checked = checkRequest(model, api, body)
  return "violations" in checked ? checked.violations : []
}

const notAnObject: Violation = {
  field: "",
  message: "Invalid JSON payload received. Root element must be a message.",
}

const compile = (schema: object): ValidateFunction =>
  new Ajv({ allErrors: true, verbose: true }).compile(schema)

const validators: Readonly<Record<Api, ValidateFunction>> = {
  gemini: compile(schemas.gemini),
  vertex: compile(schemas.vertex),
}

type Rule = (checked: {
  readonly model: Model
  readonly body: JsonObject
  readonly request: ImageRequest
}) => readonly Violation[]

const when = (violated: boolean, field: string, message: string): readonly Violation[] =>
  violated ? [{ field, message }] : []

const config = "generation_config"

const oneFieldPerPart: Rule = ({ body }) =>
  listAt(body, "contents").flatMap((content, turn) =>
    listAt(content, "parts").flatMap((part, index) => {
      const place = `contents[${turn}].parts[${index}]`
      const given = ["text", "inlineData", "fileData"].filter(
        (name) => isJsonObject(part) && name in part,
      )
      if (given.includes("fileData"))
        return [
          invalid(`${place}.file_data`, "the emulator fetches no files: send inline_data instead"),
        ]
      return given.length === 1
        ? []
        : [invalid(`${place}.data`, "required oneof field 'data' must have one initialized field")]
    }),
  )

/** Formats that the emulator reads. Google also takes heic and heif. */
const formats: { readonly [mimeType: string]: string } = {
  "image/png": "png",
  "image/jpeg": "jpeg",
  "image/webp": "webp",
}

const pictures: Rule = ({ request }) => [
  ...when(
    request.pictures.length > maxPictures,
    "contents",
    `At most ${maxPictures} images are allowed in a request, found ${request.pictures.length}.`,
  ),
  ...request.pictures.flatMap(({ field, mimeType, base64 }) => {
    if (!Object.hasOwn(formats, mimeType))
      return [{ field, message: `Unsupported MIME type: ${mimeType.slice(0, 40)}` }]
    if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64))
      return [
        {
          field: `${field}.data`,
          message: `Invalid value at '${field}.data' (TYPE_BYTES), Base64 decoding failed`,
        },
      ]
    return when(imageHeader(base64)?.format !== formats[mimeType], field, unreadablePicture)
  }),
]

export const unreadablePicture =
  "Unable to process input image. Please retry or report in https://ai.google.dev/gemini-api/docs/troubleshooting"

const quoted = (values: readonly string[]): string =>
  values
    .map((value) => `'${value}'`)
    .join(", ")
    .replace(/, ([^,]+)$/, " or $1")

const imageConfig: Rule = ({ model, body, request: { ratio, tier } }) => {
  const field = `${config}.image_config`
  const settings = body["generationConfig"]
  const sizes = Object.keys(model.sizes ?? {})
  return [
    ...(isJsonObject(settings) && "imageConfig" in settings && "responseFormat" in settings
      ? [invalid(config, "image_config and response_format cannot both be set")]
      : []),
    ...(ratio === undefined || Object.hasOwn(model.ratios, ratio)
      ? []
      : [
          invalid(
            `${field}.aspect_ratio`,
            `aspect_ratio must be one of ${quoted(Object.keys(model.ratios))}.`,
          ),
        ]),
    ...(tier === undefined || sizes.includes(tier)
      ? []
      : [
          invalid(
            `${field}.image_size`,
            sizes.length === 0
              ? "image_size is not supported by this model."
              : `image_size must be one of ${quoted(sizes)}.`,
          ),
        ]),
  ]
}

const modalities: Rule = ({ model, body }) =>
  when(
    modalitiesOf(body)?.includes("IMAGE") === false,
    `${config}.response_modalities`,
    `The requested combination of response modalities is not supported. models/${model.id} accepts the following combination of response modalities:\n* image\n* text, image\n`,
  )

const thinking: Rule = ({ model, request: { thinkingLevel, thinkingBudget, includeThoughts } }) => {
  const field = `${config}.thinking_config`
  const asked = thinkingLevel ?? thinkingBudget ?? includeThoughts
  if (model.thinking === undefined)
    return when(asked !== undefined, field, "Thinking is not enabled for this model.")
  return [
    ...when(
      thinkingLevel !== undefined &&
        !model.thinking.levels.some((level) => level === thinkingLevel),
      `${field}.thinking_level`,
      `Thinking level ${thinkingLevel} is not supported for this model.`,
    ),
    ...when(
      thinkingLevel !== undefined && thinkingBudget !== undefined,
      field,
      "You can only set one of thinking budget and thinking level.",
    ),
    ...when(
      thinkingBudget === 0,
      `${field}.thinking_budget`,
      "Budget 0 is invalid. This model only works in thinking mode.",
    ),
  ]
}

const oneCandidate: Rule = ({ body }) =>
  when(
    isJsonObject(body["generationConfig"]) &&
      Number(body["generationConfig"]["candidateCount"] ?? 1) > 1,
    `${config}.candidate_count`,
    "Multiple candidates is not enabled for this model",
  )

const distinctHarms: Rule = ({ body }) => {
  const seen = listAt(body, "safetySettings").map((each) => textAt(each, "category"))
  return seen.flatMap((category, index) =>
    seen.indexOf(category) === index
      ? []
      : [invalid(`safety_settings[${index}]`, "the category has a setting already")],
  )
}

const inputTokens: Rule = ({ model, request }) => {
  const { inputText, inputImage } = promptUsage(model, request)
  return when(
    inputText + inputImage > model.inputTokenLimit,
    "contents",
    `The input token count (${inputText + inputImage}) exceeds the maximum number of tokens allowed (${model.inputTokenLimit}).`,
  )
}

const somethingToDraw: Rule = ({ request: { prompt, edited } }) =>
  when(
    prompt.trim() === "" && edited.length === 0,
    "contents",
    "Unable to submit request because it must have a text parameter.",
  )

const rules: readonly Rule[] = [
  oneFieldPerPart,
  pictures,
  imageConfig,
  modalities,
  thinking,
  oneCandidate,
  distinctHarms,
  inputTokens,
  somethingToDraw,
]
