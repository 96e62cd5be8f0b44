import type { Size } from "@pictor/emulator-kit"
import type { Violation } from "./errors.ts"
import type { Generation } from "./models.ts"

const standard: { readonly [size: string]: Size } = {
  "1024x1024": { width: 1024, height: 1024 },
  "1536x1024": { width: 1536, height: 1024 },
  "1024x1536": { width: 1024, height: 1536 },
}

/** The step, the ratio and the largest side: the types of openai 7.59.0, seen 2026-11-30. */
const step = 16

const maxRatio = 3

const maxSide = 3840

/** The pixel limits that three public clients apply; no page of OpenAI states them. */
const minPixels = 655_360

const maxPixels = 8_294_400

/** Reads `WxH`. Undefined for `auto` and other text. */
export const parseSize = (text: string): Size | undefined => {
  const [, width, height] = /^([1-9]\d{0,4})x([1-9]\d{0,4})$/.exec(text) ?? []
  return width === undefined || height === undefined
    ? undefined
    : { width: Number(width), height: Number(height) }
}

export const sizeViolations = (
  text: string | undefined,
  { anySize }: Generation,
): readonly Violation[] => {
  if (text === undefined || text === "auto" || Object.hasOwn(standard, text)) return []
  const size = parseSize(text)
  if (!anySize || size === undefined)
    return [
      invalid(
        `Invalid value: '${text.slice(0, 40)}'. Supported values are: ${Object.keys(standard).join(", ")} and auto${anySize ? ", or WIDTHxHEIGHT" : ""}.`,
      ),
    ]
  const { width, height } = size
  const [short, long] = width < height ? [width, height] : [height, width]
  const pixels = width * height
  const reasons = [
    ...(width % step === 0 && height % step === 0
      ? []
      : [`width and height must be divisible by ${step}`]),
    ...(long <= short * maxRatio ? [] : ["the aspect ratio must be between 1:3 and 3:1"]),
    ...(long <= maxSide ? [] : [`no side may exceed ${maxSide}`]),
    ...(pixels >= minPixels && pixels <= maxPixels
      ? []
      : [`${pixels} pixels are outside ${minPixels} to ${maxPixels}`]),
  ]
  return reasons.length === 0 ? [] : [invalid(`Invalid size '${text}': ${reasons.join("; ")}.`)]
}

const invalid = (message: string): Violation => ({ param: "size", code: "invalid_value", message })

/** The size that `auto` chooses: nearest to an input picture, or by words of the prompt. */
export const autoSize = (prompt: string, input?: Size): Size => {
  const ratio = input === undefined ? promptRatio(prompt) : input.width / input.height
  if (ratio > 1.2) return { width: 1536, height: 1024 }
  return ratio < 1 / 1.2 ? { width: 1024, height: 1536 } : { width: 1024, height: 1024 }
}

const promptRatio = (prompt: string): number => {
  if (/\b(wide|landscape|panorama|banner)\b/i.test(prompt)) return 1.5
  return /\b(tall|portrait|poster|phone)\b/i.test(prompt) ? 1 / 1.5 : 1
}
