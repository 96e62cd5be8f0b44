import type { Size } from "@pictor/emulator-kit"
import type { EndpointName } from "./schemas.ts"

/** A credit is $0.01. */
export const microUsdPerCredit = 10_000

/** A price counts started megapixels of this many pixels. */
const megapixel = 1_048_576

/** In micro-USD. */
type Price = {
  readonly first: number
  /** Each further megapixel of the result. */
  readonly output?: number
  /** Each megapixel of the input pictures. */
  readonly input?: number
  /** Instead of `first`, by resolution. */
  readonly resolutions?: { readonly [resolution: string]: number }
}

const pro: Price = { first: 30_000, output: 15_000, input: 15_000 }
/** https://fal.ai/models/fal-ai/flux-pro/v1/vto/llms.txt, of a reseller, seen 2026-11-30. */
const tryOn: Price = { first: 37_500, output: 5000, input: 5000 }

/**
 * First megapixels: https://docs.bfl.ai/quick_start/pricing.md and https://bfl.ai/pricing, seen
 * 2026-11-30. Further megapixels: https://skills.sh/black-forest-labs/skills/bfl-api, seen
 * 2026-11-30. 1.5k of FLUX 3 and the tools: derived from the lists of resellers. Deblurring is on
 * no list: its price is the emulator's own.
 */
const prices: { readonly [name in EndpointName]: Price } = {
  "flux-2-pro": pro,
  "flux-2-pro-preview": pro,
  "flux-2-max": { first: 70_000, output: 30_000, input: 30_000 },
  "flux-2-flex": { first: 50_000, output: 50_000, input: 50_000 },
  "flux-2-klein-4b": { first: 14_000, output: 1000, input: 1000 },
  "flux-2-klein-9b": { first: 15_000, output: 2000, input: 2000 },
  "flux-2-klein-9b-preview": { first: 15_000, output: 2000, input: 2000 },
  "flux-3-image": {
    first: 48_000,
    resolutions: { "768sq": 41_000, "1.5k": 70_000, "2k": 100_000, "4k": 607_000 },
  },
  "flux-kontext-pro": { first: 40_000 },
  "flux-kontext-max": { first: 80_000 },
  "flux-pro-1.1": { first: 40_000 },
  "flux-dev": { first: 25_000 },
  "flux-pro-1.1-ultra": { first: 60_000 },
  "flux-pro-1.0-fill": { first: 50_000 },
  "flux-pro-1.0-expand": { first: 50_000 },
  "flux-tools/outpainting-v1": pro,
  "flux-tools/erase-v1": { first: 30_000, output: 4000, input: 4000 },
  "flux-tools/vto-v1": tryOn,
  "flux-tools/vto-v2": tryOn,
  "flux-tools/deblur-v1": { first: 50_000 },
}

/** The charge and the megapixels of one job. */
export type Charge = {
  readonly microUsd: number
  readonly inputMegapixels: number
  readonly outputMegapixels: number
}

export const chargeOf = (
  endpoint: EndpointName,
  inputs: readonly Size[],
  output: Size,
  resolution: string | undefined,
): Charge => {
  const price = prices[endpoint]
  const first = price.resolutions?.[resolution ?? ""] ?? price.first
  return {
    microUsd:
      first +
      (price.output ?? 0) * (started(output) - 1) +
      (price.input ?? 0) * inputs.reduce((sum, size) => sum + started(size), 0),
    inputMegapixels: rounded(inputs.reduce((sum, size) => sum + pixelsOf(size), 0)),
    outputMegapixels: rounded(pixelsOf(output)),
  }
}

const pixelsOf = ({ width, height }: Size): number => width * height

const started = (size: Size): number => Math.ceil(pixelsOf(size) / megapixel)

/** The API reports 2.07 for 1920x1080. */
const rounded = (pixels: number): number => Math.round(pixels / 10_000) / 100
