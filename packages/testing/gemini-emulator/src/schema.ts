import { isJsonObject } from "@pictor/emulator-kit"

export type JsonSchema = { readonly [keyword: string]: unknown }

/** The two APIs that serve the models. */
export type Api = "gemini" | "vertex"

const object = (properties: JsonSchema, required: readonly string[] = []): JsonSchema => ({
  type: "object",
  properties,
  required,
  additionalProperties: false,
})

const text = { type: "string" }
const flag = { type: "boolean" }
const list = (items: JsonSchema, limits: JsonSchema = {}): JsonSchema => ({
  type: "array",
  items,
  ...limits,
})

/** Enum values are matched without regard to case: Google's pages write `Image` and `minimal`. */
const word = (...values: readonly string[]): JsonSchema => ({
  type: "string",
  pattern: `^(?:${values.map((value) => value.replace(/[A-Z]/g, anyCase)).join("|")})$`,
  description: values.join(", "),
})

const anyCase = (letter: string): string => `[${letter}${letter.toLowerCase()}]`

const integer = (minimum: number, maximum: number): JsonSchema => ({
  type: "integer",
  minimum,
  maximum,
})

const part = object({
  text,
  inlineData: object({ mimeType: text, data: text, displayName: text }, ["mimeType", "data"]),
  fileData: object({ fileUri: text, mimeType: text, displayName: text }, ["fileUri"]),
  thought: flag,
  thoughtSignature: text,
})

const harms = [
  "HARM_CATEGORY_HARASSMENT",
  "HARM_CATEGORY_HATE_SPEECH",
  "HARM_CATEGORY_SEXUALLY_EXPLICIT",
  "HARM_CATEGORY_DANGEROUS_CONTENT",
  "HARM_CATEGORY_CIVIC_INTEGRITY",
] as const

const vertexHarms = [
  "HARM_CATEGORY_JAILBREAK",
  "HARM_CATEGORY_IMAGE_HATE",
  "HARM_CATEGORY_IMAGE_DANGEROUS_CONTENT",
  "HARM_CATEGORY_IMAGE_HARASSMENT",
  "HARM_CATEGORY_IMAGE_SEXUALLY_EXPLICIT",
] as const

const threshold = word(
  "BLOCK_LOW_AND_ABOVE",
  "BLOCK_MEDIUM_AND_ABOVE",
  "BLOCK_ONLY_HIGH",
  "BLOCK_NONE",
  "OFF",
)

const imageConfig = {
  // The model's rules check the values.
  aspectRatio: text,
  imageSize: text,
  personGeneration: word("ALLOW_ALL", "ALLOW_ADULT", "ALLOW_NONE"),
}

const vertexImageConfig = {
  ...imageConfig,
  prominentPeople: word("ALLOW_PROMINENT_PEOPLE", "BLOCK_PROMINENT_PEOPLE"),
  imageOutputOptions: object({
    mimeType: word("image/png", "image/jpeg"),
    compressionQuality: integer(0, 100),
  }),
}

const responseFormat = object({
  image: object({
    aspectRatio: text,
    imageSize: text,
    mimeType: word("image/jpeg", "image/png", "image/webp"),
    delivery: word("INLINE"),
  }),
})

const thinkingConfig = object({
  includeThoughts: flag,
  thinkingBudget: integer(-1, 32_768),
  thinkingLevel: word("MINIMAL", "LOW", "MEDIUM", "HIGH", "XHIGH"),
})

const generationConfig = (image: JsonSchema): JsonSchema =>
  object({
    responseModalities: list(word("TEXT", "IMAGE")),
    seed: integer(-2_147_483_648, 2_147_483_647),
    candidateCount: integer(1, 8),
    maxOutputTokens: integer(1, 32_768),
    temperature: { type: "number", minimum: 0, maximum: 2 },
    topP: { type: "number", minimum: 0, maximum: 1 },
    topK: integer(1, 1000),
    stopSequences: list(text, { maxItems: 5 }),
    responseMimeType: word("text/plain"),
    imageConfig: object(image),
    responseFormat,
    thinkingConfig,
  })

const body = (own: JsonSchema): JsonSchema =>
  object(
    {
      contents: list(
        object({ role: word("USER", "MODEL"), parts: list(part, { minItems: 1 }) }, ["parts"]),
        { minItems: 1 },
      ),
      systemInstruction: object({ role: text, parts: list(object({ text }, ["text"])) }, ["parts"]),
      ...own,
    },
    ["contents"],
  )

/**
 * The body of generateContent, in camelCase.
 * https://ai.google.dev/api/generate-content, and the types of @google/genai 3.3.0, 2026-11-12
 */
export const schemas: Readonly<Record<Api, JsonSchema>> = {
  gemini: body({
    generationConfig: generationConfig(imageConfig),
    safetySettings: list(
      object({ category: word(...harms), threshold }, ["category", "threshold"]),
    ),
  }),
  vertex: body({
    generationConfig: generationConfig(vertexImageConfig),
    safetySettings: list(
      object(
        {
          category: word(...harms, ...vertexHarms),
          threshold,
          method: word("SEVERITY", "PROBABILITY"),
        },
        ["category", "threshold"],
      ),
    ),
    labels: { type: "object", additionalProperties: text, maxProperties: 64 },
  }),
}

const camelCase = (name: string): string =>
  name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())

const fieldNames = (schema: unknown): readonly string[] => {
  if (Array.isArray(schema)) return schema.flatMap(fieldNames)
  if (!isJsonObject(schema)) return []
  const { properties } = schema
  return [
    ...(isJsonObject(properties) ? Object.keys(properties) : []),
    ...Object.values(schema).flatMap(fieldNames),
  ]
}

const knownFields: ReadonlySet<string> = new Set(fieldNames(Object.values(schemas)))

/**
 * The body with its known fields in camelCase: Google takes snake_case too. Null is an absent
 * field, as in every JSON form of a protocol buffer.
 */
export const normalized = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(normalized)
  if (!isJsonObject(value)) return value
  const fields = Object.entries(value).flatMap(([name, field]) => {
    const known = camelCase(name)
    if (field === null) return []
    if (known === "labels") return [[known, field]]
    return [
      [
        knownFields.has(known) ? known : name,
        normalized(known === "responseFormat" ? only(field) : field),
      ],
    ]
  })
  return Object.fromEntries(fields)
}

/** The published client's type of `responseFormat` is a list; the pages show an object. */
const only = (field: unknown): unknown =>
  Array.isArray(field) && field.length === 1 ? field[0] : field
