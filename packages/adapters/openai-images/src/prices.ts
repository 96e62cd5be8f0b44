import type { PriceRow, Units } from "@pictor/core/adapter"

/** Micro-USD per token of the models since gpt-image-2. */
const tokenPrices = {
  inputTextToken: 5,
  cachedInputTextToken: 1.25,
  inputImageToken: 8,
  cachedInputImageToken: 2,
  outputImageToken: 30,
} as const satisfies Units

/** The most and the usual tokens of one picture. */
interface PictureTokens {
  readonly quality: string
  readonly maxPixels?: number
  readonly most: number
  readonly likely: number
}

interface RowSettings {
  readonly units: Units
  readonly outputFormats: readonly string[]
  readonly source: string
}

export const still = ["png", "jpeg", "webp"] as const

/**
 * No page states the tokens of an input picture since gpt-image-2. gpt-image-1 counts at most 6,240
 * for one in high fidelity, and up to 1,536 patches besides.
 */
const mostInputTokens = 8000
const likelyInputTokens = 1500

/** What a prompt's template adds. */
const templateTokens = 100

/** OpenAI's guide of gpt-image-1 states it. */
const partialImageTokens = 100

/** A text token has at least one byte, and about four in English. */
const likelyTokensPerByte = 0.25

/** A price by tokens. Its upper bound is inferred. */
const tokenRow = (
  { quality, maxPixels, most, likely }: PictureTokens,
  { units, outputFormats, source }: RowSettings,
): PriceRow => {
  const partialImage = { outputImageToken: partialImageTokens }
  return {
    quality,
    ...(maxPixels !== undefined && { maxPixels }),
    outputFormats,
    units,
    most: {
      call: { inputTextToken: templateTokens },
      image: { outputImageToken: most },
      partialImage,
      input: { inputImageToken: mostInputTokens },
      textByte: { inputTextToken: 1 },
    },
    likely: {
      image: { outputImageToken: likely },
      partialImage,
      input: { inputImageToken: likelyInputTokens },
      textByte: { inputTextToken: likelyTokensPerByte },
    },
    source,
    inferred: true,
  }
}

/** The standard squares, 2560x1440, and the largest picture. */
const areas = [1_048_576, 1_572_864, 2_359_296, 3_686_400, 8_294_400] as const
const largestArea = 8_294_400

/**
 * Tokens of a square picture, which costs most of its area. The calculator's results for 1024x1024,
 * 1536x1024, 1792x1024 and 3584x2048 fit it: a grid of cells, `grid` on the longer side and fewer
 * on the shorter one, times a factor that grows with the area.
 */
const squareTokens = (grid: number, area: number): number =>
  Math.ceil((grid * grid * (2_000_000 + area)) / 4_000_000)

interface CalculatedPrices {
  /** Cells on the longer side of a picture, by quality. */
  readonly grids: Readonly<Record<string, number>>
  /** How far tokens may be above the calculator's. */
  readonly margin?: number
  readonly source: string
}

/**
 * Prices by tokens of models with any size. The frames of a GIF are drawn on one sheet, which is at
 * most as large as the largest picture. SVG has no price: its author model's tokens are charged by
 * that model's prices.
 */
export const calculatedPrices = ({
  grids,
  margin = 1,
  source,
}: CalculatedPrices): readonly PriceRow[] =>
  Object.entries(grids).flatMap(([quality, grid]) => {
    const tokensOf = (area: number): PictureTokens => {
      const tokens = squareTokens(grid, area)
      return { quality, maxPixels: area, most: Math.ceil(tokens * margin), likely: tokens }
    }
    const { maxPixels: _any, ...sheet } = tokensOf(largestArea)
    return [
      ...areas.map((area) =>
        tokenRow(tokensOf(area), { units: tokenPrices, outputFormats: still, source }),
      ),
      tokenRow(sheet, { units: tokenPrices, outputFormats: ["gif"], source }),
    ]
  })

/** Prices by tokens of models with three sizes: of the square one, and of the others. */
export const listedPrices = (
  tokens: Readonly<Record<string, readonly [square: number, other: number]>>,
  settings: Omit<RowSettings, "outputFormats">,
): readonly PriceRow[] =>
  Object.entries(tokens).flatMap(([quality, [square, other]]) => [
    tokenRow(
      { quality, maxPixels: 1_048_576, most: square, likely: square },
      { ...settings, outputFormats: still },
    ),
    tokenRow({ quality, most: other, likely: other }, { ...settings, outputFormats: still }),
  ])
