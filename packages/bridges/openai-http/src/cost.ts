import type { Cost, JsonObject } from "@pictor/core"

/** Exact decimal USD: 40000 → "0.04". */
export const usd = (microUsd: number): string => {
  const digits = String(Math.abs(microUsd)).padStart(7, "0")
  const fraction = digits.slice(-6).replace(/0+$/, "")
  return `${microUsd < 0 ? "-" : ""}${digits.slice(0, -6)}${fraction && `.${fraction}`}`
}

/** `usd` is null if the price of an image is unknown: unknown is not 0. */
export const toCost = ({ microUsd, maybeMicroUsd, unpricedImages }: Cost): JsonObject => ({
  usd: unpricedImages > 0 ? null : usd(microUsd),
  micro_usd: microUsd,
  maybe_micro_usd: maybeMicroUsd,
  unknown_images: unpricedImages,
})

/** None if the price of an image is unknown. */
export const costHeaders = ({
  microUsd,
  unpricedImages,
}: Cost): Readonly<Record<string, string>> => {
  if (unpricedImages > 0) return {}
  const amount = usd(microUsd)
  return { "x-pictor-cost-usd": amount, "x-litellm-response-cost": amount }
}
