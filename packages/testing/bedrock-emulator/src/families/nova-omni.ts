import {
  at,
  type Drawing,
  imageHeader,
  type JsonObject,
  mixed,
  numberAt,
  paint,
  textAt,
} from "@pictor/emulator-kit"
import type { BilledTokens } from "../bill.ts"
import type { Edits } from "../editing/edit.ts"
import { contentOf, maxPictures, novaOmniRules } from "../rules/nova-omni.ts"
import type { DrawingContext, Family, Picture } from "./family.ts"

/**
 * Billionths of a dollar per token: the AWS Price List of us-east-1, published 2026-09-01. The
 * price of words in a reply is an assumption.
 */
const prices = { input: 300, outputText: 2500, outputImage: 44_000 } as const

/** An assumption: no page says how many tokens a picture has. */
const pictureTokens = 1024

/**
 * https://docs.aws.amazon.com/nova/latest/nova2-userguide/using-multimodal-models.html, seen
 * 2026-11-30
 */
const inputPictureTokens = 230

/** The most parts of a message in which the emulator looks for pictures. */
const mostParts = 2 * maxPictures

const edits: Edits = {
  "image-to-image": {
    within: "",
    pictures: [
      "messages/0/content/0/image/source/bytes",
      ...Array.from(
        { length: mostParts - 1 },
        (_, index) => `messages/0/content/${index + 1}/image/source/bytes`,
      ),
    ],
    paint: ({ drawing, image }) => ({ pixels: mixed(image, paint(drawing), 0.5) }),
  },
}

/** A token for four bytes of UTF-8, an assumption. */
const textTokens = (text: string): number => Math.ceil(Buffer.byteLength(text) / 4)

const picturesOf = (body: JsonObject): readonly string[] =>
  contentOf(body).flatMap((part) => textAt(part, "image", "source", "bytes") ?? [])

const wordsOf = (parts: readonly JsonObject[]): string =>
  parts.flatMap((part) => textAt(part, "text") ?? []).join(" ")

const drawing = (body: JsonObject, context: DrawingContext): Drawing => {
  const { width, height } = imageHeader(picturesOf(body)[0] ?? "") ?? { width: 1024, height: 1024 }
  return {
    model: context.model,
    task: context.task,
    prompt: wordsOf(contentOf(body)),
    detail: textAt(body, "system", "0", "text") ?? "",
    colors: [],
    seed: context.randomSeed(),
    index: 0,
    width,
    height,
    format: "png",
  }
}

/** What a reply holds: why it ended, its parts, and its tokens. */
type Answer = {
  readonly stopReason: string
  readonly content?: readonly JsonObject[]
  readonly input?: number
  readonly output?: number
}

const converseReply = ({
  stopReason,
  content = [],
  input = 0,
  output = 0,
}: Answer): JsonObject => ({
  output: { message: { role: "assistant", content } },
  stopReason,
  usage: { inputTokens: input, outputTokens: output, totalTokens: input + output },
  metrics: { latencyMs: 1 },
})

const excuse = "I describe it in words instead."

const reply = (pictures: readonly Picture[], body: JsonObject): JsonObject => {
  const system = textAt(body, "system", "0", "text") ?? ""
  const input =
    textTokens(wordsOf(contentOf(body))) +
    textTokens(system) +
    picturesOf(body).length * inputPictureTokens
  const delivered = pictures.filter(({ verdict }) => verdict === "delivered")
  const most = numberAt(body, "inferenceConfig", "maxTokens") ?? Number.POSITIVE_INFINITY
  if (pictures.some(({ verdict }) => verdict === "filtered"))
    return converseReply({ stopReason: "content_filtered", input })
  if (pictures.some(({ verdict }) => verdict === "failed"))
    return converseReply({ stopReason: "malformed_model_output", input })
  const output = delivered.length === 0 ? textTokens(excuse) : delivered.length * pictureTokens
  if (output > most) return converseReply({ stopReason: "max_tokens", input, output: most })
  const content =
    delivered.length === 0
      ? [{ text: excuse }]
      : delivered.map(({ base64 }) => ({ image: { format: "png", source: { bytes: base64 } } }))
  return converseReply({ stopReason: "end_turn", content, input, output })
}

/** A reply has either words or a picture, which may be cut off: its tokens are of one kind. */
const tokensOf = (body: JsonObject): BilledTokens => {
  const content = at(body, "output", "message", "content")
  const hasWords = Array.isArray(content) && content.some((part) => at(part, "text") !== undefined)
  const output = numberAt(body, "usage", "outputTokens") ?? 0
  const tokens = {
    input: numberAt(body, "usage", "inputTokens") ?? 0,
    outputText: hasWords ? output : 0,
    outputImage: hasWords ? 0 : output,
  }
  const billionths =
    tokens.input * prices.input +
    tokens.outputText * prices.outputText +
    tokens.outputImage * prices.outputImage
  return { ...tokens, microUsd: Math.round(billionths / 1000) }
}

/** Amazon Nova 2 Omni by Converse: words and pictures in, one picture or words out. */
export const novaOmniFamily: Family = {
  taskOf: (body) => (picturesOf(body).length > 0 ? "image-to-image" : "text-to-image"),
  rules: novaOmniRules,
  drawings: (body, context) => [drawing(body, context)],
  reply,
  returnsWithheld: false,
  edits,
  pixelRule: () => [],
  returnedMask: () => undefined,
  filteredPrompt: { body: converseReply({ stopReason: "content_filtered" }) },
  filteredInputImage: { body: converseReply({ stopReason: "content_filtered" }) },
  blocked: converseReply({ stopReason: "guardrail_intervened", content: [{ text: "Blocked." }] }),
  tokensOf,
}
