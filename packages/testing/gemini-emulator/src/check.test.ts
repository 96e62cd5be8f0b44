import { describe, expect, it } from "vitest"
import { newest, prompt, words } from "./__fixtures__/ask.ts"
import { plain, pngPart, red } from "./__fixtures__/pictures.ts"
import { checkBody } from "./check.ts"
import { models } from "./models.ts"

const picture = pngPart(await plain(65, 64, red))
const parts = (...given: readonly object[]): object => ({ contents: [{ parts: given }] })
const text = { text: prompt }
const config = "generation_config"
const rule = (field: string, message: string): readonly [string, string] => [
  field,
  `* GenerateContentRequest.${field}: ${message}\n`,
]

const accepted: readonly (readonly [string, string, unknown])[] = [
  ["a text", newest, parts(text)],
  ["texts and pictures in any order", newest, parts(picture, text, picture, text)],
  ["a picture alone", newest, parts(picture)],
  ["14 pictures", newest, parts(text, ...Array.from({ length: 14 }, () => picture))],
  [
    "snake_case",
    newest,
    {
      contents: [
        {
          parts: [text, { inline_data: { mime_type: "image/png", data: picture.inlineData.data } }],
        },
      ],
      generation_config: {
        response_modalities: ["IMAGE"],
        image_config: { aspect_ratio: "8:1", image_size: "4K", person_generation: "ALLOW_ADULT" },
        thinking_config: { thinking_level: "minimal", include_thoughts: true },
        max_output_tokens: 4096,
      },
      safety_settings: [
        { category: "HARM_CATEGORY_HATE_SPEECH", threshold: "BLOCK_ONLY_HIGH" },
        { category: "HARM_CATEGORY_HARASSMENT", threshold: "OFF" },
      ],
      system_instruction: { parts: [text] },
    },
  ],
  [
    "base64 of the URL alphabet, without padding",
    newest,
    parts({
      inlineData: {
        mimeType: "image/png",
        data: Buffer.from(picture.inlineData.data, "base64").toString("base64url"),
      },
    }),
  ],
  ["null fields", newest, { ...words({ seed: null, imageConfig: null }), safetySettings: null }],
  [
    "modalities as Google's pages write them",
    newest,
    words({ responseModalities: ["Text", "Image"] }),
  ],
  [
    "an image format",
    newest,
    words({ responseFormat: { image: { aspectRatio: "16:9", imageSize: "2K" } } }),
  ],
  [
    "an image format of the published client",
    newest,
    words({
      responseFormat: [
        {
          image: {
            aspectRatio: "ASPECT_RATIO_TWENTY_ONE_BY_NINE",
            imageSize: "IMAGE_SIZE_FIVE_TWELVE",
            mimeType: "image/jpeg",
            delivery: "INLINE",
          },
        },
      ],
    }),
  ],
  ["a negative seed", newest, words({ seed: -2_147_483_648 })],
  ["a thinking budget", newest, words({ thinkingConfig: { thinkingBudget: -1 } })],
  [
    "turns",
    newest,
    {
      contents: [
        { role: "user", parts: [text] },
        { role: "model", parts: [{ ...picture, thoughtSignature: "QQ==" }] },
        { role: "user", parts: [text] },
      ],
    },
  ],
]

const refused: readonly (readonly [string, string, unknown, readonly [string, string]])[] = [
  ["a list", newest, [], ["", "Invalid JSON payload received. Root element must be a message."]],
  ["no contents", newest, {}, rule("contents", "contents is not specified")],
  ["empty contents", newest, { contents: [] }, rule("contents", "contents is not specified")],
  [
    "an unknown field",
    newest,
    { ...parts(text), prompt },
    ["", 'Invalid JSON payload received. Unknown name "prompt": Cannot find field.'],
  ],
  [
    "an unknown field in the configuration",
    newest,
    words({ aspectRatio: "16:9" }),
    [
      config,
      `Invalid JSON payload received. Unknown name "aspectRatio" at '${config}': Cannot find field.`,
    ],
  ],
  [
    "a field of Vertex AI",
    newest,
    words({ imageConfig: { imageOutputOptions: { mimeType: "image/png" } } }),
    [
      `${config}.image_config`,
      `Invalid JSON payload received. Unknown name "imageOutputOptions" at '${config}.image_config': Cannot find field.`,
    ],
  ],
  [
    "an empty part",
    newest,
    parts(text, {}),
    rule(
      "contents[0].parts[1].data",
      "required oneof field 'data' must have one initialized field",
    ),
  ],
  [
    "a part with text and picture",
    newest,
    parts({ ...text, ...picture }),
    rule(
      "contents[0].parts[0].data",
      "required oneof field 'data' must have one initialized field",
    ),
  ],
  [
    "a file",
    newest,
    parts(text, { fileData: { fileUri: "gs://bucket/a.png" } }),
    rule(
      "contents[0].parts[1].file_data",
      "the emulator fetches no files: send inline_data instead",
    ),
  ],
  [
    "15 pictures",
    newest,
    parts(text, ...Array.from({ length: 15 }, () => picture)),
    ["contents", "At most 14 images are allowed in a request, found 15."],
  ],
  [
    "a gif",
    newest,
    parts({ inlineData: { mimeType: "image/gif", data: "R0lGODlh" } }),
    ["contents[0].parts[0].inline_data", "Unsupported MIME type: image/gif"],
  ],
  [
    "a picture that is no base64",
    newest,
    parts({ inlineData: { mimeType: "image/png", data: "data:image/png;base64,AAAA" } }),
    [
      "contents[0].parts[0].inline_data.data",
      "Invalid value at 'contents[0].parts[0].inline_data.data' (TYPE_BYTES), Base64 decoding failed",
    ],
  ],
  [
    "a lower-case size",
    newest,
    words({ imageConfig: { imageSize: "1k" } }),
    rule(
      `${config}.image_config.image_size`,
      "image_size must be one of '512', '1K', '2K' or '4K'.",
    ),
  ],
  [
    "a size of another model",
    "gemini-3-pro-image",
    words({ imageConfig: { imageSize: "512" } }),
    rule(`${config}.image_config.image_size`, "image_size must be one of '1K', '2K' or '4K'."),
  ],
  [
    "a size of a model without sizes",
    "gemini-2.5-flash-image",
    words({ imageConfig: { imageSize: "1K" } }),
    rule(`${config}.image_config.image_size`, "image_size is not supported by this model."),
  ],
  [
    "a ratio of another model",
    "gemini-2.5-flash-image",
    words({ imageConfig: { aspectRatio: "8:1" } }),
    rule(
      `${config}.image_config.aspect_ratio`,
      "aspect_ratio must be one of '1:1', '2:3', '3:2', '3:4', '4:3', '4:5', '5:4', '9:16', '16:9' or '21:9'.",
    ),
  ],
  [
    "both forms of an image format",
    newest,
    words({ imageConfig: {}, responseFormat: { image: {} } }),
    rule(config, "image_config and response_format cannot both be set"),
  ],
  [
    "delivery as a URI",
    newest,
    words({ responseFormat: { image: { delivery: "URI" } } }),
    [
      `${config}.response_format.image.delivery`,
      `Invalid value at '${config}.response_format.image.delivery' (TYPE_ENUM): allowed are INLINE`,
    ],
  ],
  [
    "words alone",
    newest,
    words({ responseModalities: ["TEXT"] }),
    [
      `${config}.response_modalities`,
      `The requested combination of response modalities is not supported. models/${newest} accepts the following combination of response modalities:\n* image\n* text, image\n`,
    ],
  ],
  [
    "a seed beyond 32 bits",
    newest,
    words({ seed: 2_147_483_648 }),
    rule(`${config}.seed`, "must be <= 2147483647"),
  ],
  [
    "a seed with a fraction",
    newest,
    words({ seed: 1.5 }),
    [`${config}.seed`, `Invalid value at '${config}.seed' (TYPE_INT32)`],
  ],
  [
    "two candidates",
    newest,
    words({ candidateCount: 2 }),
    [`${config}.candidate_count`, "Multiple candidates is not enabled for this model"],
  ],
  [
    "more output than the model has",
    newest,
    words({ maxOutputTokens: 32_769 }),
    rule(`${config}.max_output_tokens`, "must be <= 32768"),
  ],
  [
    "a level of no model",
    newest,
    words({ thinkingConfig: { thinkingLevel: "LOW" } }),
    [
      `${config}.thinking_config.thinking_level`,
      "Thinking level LOW is not supported for this model.",
    ],
  ],
  [
    "a level of another model",
    "gemini-3.1-flash-lite-image",
    words({ thinkingConfig: { thinkingLevel: "MEDIUM" } }),
    [
      `${config}.thinking_config.thinking_level`,
      "Thinking level MEDIUM is not supported for this model.",
    ],
  ],
  [
    "thoughts of a model without",
    "gemini-2.5-flash-image",
    words({ thinkingConfig: { includeThoughts: true } }),
    [`${config}.thinking_config`, "Thinking is not enabled for this model."],
  ],
  [
    "level and budget",
    newest,
    words({ thinkingConfig: { thinkingLevel: "HIGH", thinkingBudget: 9 } }),
    [`${config}.thinking_config`, "You can only set one of thinking budget and thinking level."],
  ],
  [
    "no thinking",
    newest,
    words({ thinkingConfig: { thinkingBudget: 0 } }),
    [
      `${config}.thinking_config.thinking_budget`,
      "Budget 0 is invalid. This model only works in thinking mode.",
    ],
  ],
  [
    "a category of Vertex AI",
    newest,
    {
      ...parts(text),
      safetySettings: [{ category: "HARM_CATEGORY_IMAGE_HATE", threshold: "OFF" }],
    },
    [
      "safety_settings[0].category",
      "Invalid value at 'safety_settings[0].category' (TYPE_ENUM): allowed are HARM_CATEGORY_HARASSMENT, HARM_CATEGORY_HATE_SPEECH, HARM_CATEGORY_SEXUALLY_EXPLICIT, HARM_CATEGORY_DANGEROUS_CONTENT, HARM_CATEGORY_CIVIC_INTEGRITY",
    ],
  ],
  [
    "a category twice",
    newest,
    {
      ...parts(text),
      safetySettings: ["OFF", "BLOCK_NONE"].map((threshold) => ({
        category: "HARM_CATEGORY_HARASSMENT",
        threshold,
      })),
    },
    rule("safety_settings[1]", "the category has a setting already"),
  ],
  [
    "more text than the model reads",
    newest,
    parts({ text: "x".repeat(131_073 * 4) }),
    [
      "contents",
      "The input token count (131073) exceeds the maximum number of tokens allowed (131072).",
    ],
  ],
  [
    "blanks",
    newest,
    parts({ text: " " }),
    ["contents", "Unable to submit request because it must have a text parameter."],
  ],
]

describe("checkBody", () => {
  it.each(accepted)("accepts %s", (_, model, body) => {
    expect(checkBody(model, body)).toEqual([])
  })

  it.each(refused)("rejects %s", (_, model, body, [field, message]) => {
    expect(checkBody(model, body)).toEqual([{ field, message }])
  })

  it("rejects a picture of another type than it says", () => {
    const body = parts({ inlineData: { ...picture.inlineData, mimeType: "image/webp" } })
    expect(checkBody(newest, body)[0]?.message).toMatch(/^Unable to process input image/)
  })

  it("lists every violation of the schema at once", () => {
    const body = { ...words({ seed: "a", topP: 2 }), model: newest }
    expect(checkBody(newest, body).map(({ field }) => field)).toEqual([
      "",
      `${config}.seed`,
      `${config}.top_p`,
    ])
  })

  it("accepts every ratio and size of a model, and no other", () => {
    const ratios = ["1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9"]
    for (const model of models) {
      const takes = (imageConfig: object): boolean =>
        checkBody(model.id, words({ imageConfig })).length === 0
      expect(ratios.filter((aspectRatio) => !takes({ aspectRatio }))).toEqual([])
      expect(["7:3", "16x9", "auto", ""].filter((aspectRatio) => takes({ aspectRatio }))).toEqual(
        [],
      )
      const sizes = ["512", "1K", "2K", "4K", "8K", "512px", "1024"]
      expect(sizes.filter((imageSize) => takes({ imageSize }))).toEqual(
        Object.keys(model.sizes ?? {}),
      )
    }
  })

  it("accepts Vertex AI's fields there", () => {
    const body = {
      ...words({
        imageConfig: {
          personGeneration: "ALLOW_NONE",
          prominentPeople: "BLOCK_PROMINENT_PEOPLE",
          imageOutputOptions: { mimeType: "image/png", compressionQuality: 80 },
        },
      }),
      safetySettings: [
        { category: "HARM_CATEGORY_IMAGE_HATE", threshold: "OFF", method: "SEVERITY" },
      ],
      labels: { team_name: "tea" },
    }
    expect(checkBody(newest, body, "vertex")).toEqual([])
    expect(checkBody(newest, body)).toHaveLength(5)
  })
})
