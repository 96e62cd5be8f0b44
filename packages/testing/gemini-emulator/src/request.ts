import { at, isJsonObject, type JsonObject, numberAt, textAt } from "@pictor/emulator-kit"
import type { Model, ThinkingLevel, Tier } from "./models.ts"

/** A picture of the request, and the text between it and the picture before. */
export type InputPicture = {
  /** Its field in Google's notation. */
  readonly field: string
  readonly mimeType: string
  readonly base64: string
  readonly before: string
}

type Turn = { readonly texts: readonly string[]; readonly pictures: readonly InputPicture[] }

/** What a checked body asks for. */
export type ImageRequest = {
  /** The texts of the last turn. */
  readonly prompt: string
  /** The system instruction and the texts of earlier turns. */
  readonly context: string
  /** All pictures, from the first turn to the last. */
  readonly pictures: readonly InputPicture[]
  /** The pictures to edit: those of the last turn, else the latest one of an earlier turn. */
  readonly edited: readonly InputPicture[]
  readonly ratio: string | undefined
  readonly tier: string | undefined
  readonly format: "png" | "jpeg"
  readonly seed: number | undefined
  readonly maxOutputTokens: number | undefined
  readonly wordsToo: boolean
  readonly thinkingLevel: string | undefined
  readonly thinkingBudget: number | undefined
  readonly includeThoughts: boolean | undefined
}

/** Reads a body that the schema accepts. */
export const readRequest = (body: JsonObject): ImageRequest => {
  const turns = listAt(body, "contents").map(readTurn)
  const last = turns.at(-1) ?? { texts: [], pictures: [] }
  const pictures = turns.flatMap((turn) => turn.pictures)
  const system = listAt(body, "systemInstruction", "parts").map(
    (part) => textAt(part, "text") ?? "",
  )
  const config = at(body, "generationConfig")
  const image = at(config, "imageConfig") ?? at(config, "responseFormat", "image")
  const png = /png/i.test(textAt(image, "imageOutputOptions", "mimeType") ?? "")
  return {
    prompt: last.texts.join("\n"),
    context: [...system, ...turns.slice(0, -1).flatMap(({ texts }) => texts)].join("\n"),
    pictures,
    edited: last.pictures.length > 0 ? last.pictures : pictures.slice(-1),
    ratio: ratioOf(textAt(image, "aspectRatio")),
    tier: tierOf(textAt(image, "imageSize")),
    format: png ? "png" : "jpeg",
    seed: numberAt(config, "seed"),
    maxOutputTokens: numberAt(config, "maxOutputTokens"),
    wordsToo: modalitiesOf(body)?.includes("TEXT") ?? true,
    thinkingLevel: textAt(config, "thinkingConfig", "thinkingLevel")?.toUpperCase(),
    thinkingBudget: numberAt(config, "thinkingConfig", "thinkingBudget"),
    includeThoughts: flagAt(config, "thinkingConfig", "includeThoughts"),
  }
}

/** The list at a path; empty if there is none. */
export const listAt = (value: unknown, ...path: readonly string[]): readonly unknown[] => {
  const found = at(value, ...path)
  return Array.isArray(found) ? found : []
}

const flagAt = (value: unknown, ...path: readonly string[]): boolean | undefined => {
  const found = at(value, ...path)
  return typeof found === "boolean" ? found : undefined
}

export const modalitiesOf = (body: JsonObject): readonly string[] | undefined => {
  const modalities = listAt(body, "generationConfig", "responseModalities")
  return modalities.length === 0 ? undefined : modalities.map((each) => String(each).toUpperCase())
}

const readTurn = (content: unknown, turn: number): Turn => {
  const texts: string[] = []
  const pictures: InputPicture[] = []
  let before: string[] = []
  for (const [index, part] of listAt(content, "parts").entries()) {
    const text = textAt(part, "text")
    if (text !== undefined) {
      texts.push(text)
      before.push(text)
    }
    const inline = at(part, "inlineData")
    if (!isJsonObject(inline)) continue
    pictures.push({
      field: `contents[${turn}].parts[${index}].inline_data`,
      mimeType: textAt(inline, "mimeType") ?? "",
      base64: standardBase64(textAt(inline, "data") ?? ""),
      before: before.join("\n"),
    })
    before = []
  }
  return { texts, pictures }
}

/** Protocol buffers take base64 of both alphabets, with and without padding. */
const standardBase64 = (data: string): string => {
  const standard = data.replaceAll("-", "+").replaceAll("_", "/").replace(/=+$/, "")
  return standard.padEnd(Math.ceil(standard.length / 4) * 4, "=")
}

/** The enum's name `ASPECT_RATIO_SIXTEEN_BY_NINE` is the value `16:9`. */
const ratioOf = (value: string | undefined): string | undefined => {
  const [, across, down] = /^ASPECT_RATIO_([A-Z_]+)_BY_([A-Z_]+)$/.exec(value ?? "") ?? []
  return across === undefined || down === undefined
    ? value
    : `${numbers[across] ?? across}:${numbers[down] ?? down}`
}

const numbers: { readonly [word: string]: number } = {
  ONE: 1,
  TWO: 2,
  THREE: 3,
  FOUR: 4,
  FIVE: 5,
  EIGHT: 8,
  NINE: 9,
  SIXTEEN: 16,
  TWENTY_ONE: 21,
}

const tierNames: { readonly [name: string]: Tier } = {
  IMAGE_SIZE_FIVE_TWELVE: "512",
  IMAGE_SIZE_ONE_K: "1K",
  IMAGE_SIZE_TWO_K: "2K",
  IMAGE_SIZE_FOUR_K: "4K",
}

const tierOf = (value: string | undefined): string | undefined =>
  value !== undefined && Object.hasOwn(tierNames, value) ? tierNames[value] : value

/** The level at which the model thinks. Undefined if it does not think. */
export const levelOf = (model: Model, { thinkingLevel }: ImageRequest): ThinkingLevel | undefined =>
  model.thinking?.levels.find((level) => level === thinkingLevel) ?? model.thinking?.standard
