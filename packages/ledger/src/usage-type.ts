import type { LedgerCall } from "./list-calls.ts"

/** Amazon's usage type of an image, with or without the region's prefix. */
const pattern =
  /^(?:(?:[A-Z]{2,4}\d?|[a-z]{2}(?:-[a-z]+)+-\d)-)?(Nova-?Canvas|Canvas|TitanImageGeneratorG1)-(T2I|I2I)-(512|1024|2048)-(Standard|Premium)$/

/**
 * A usage type without the region, in one spelling (`NovaCanvas-T2I-1024-Standard`); undefined if
 * it is not an image's.
 */
export const readUsageType = (text: string): string | undefined => {
  const [, product = "", ...rest] = pattern.exec(text) ?? []
  if (product === "") return undefined
  return [product.endsWith("Canvas") ? "NovaCanvas" : product, ...rest].join("-")
}

interface Product {
  readonly name: string
  /** The small class up to `maxPixels`, else the large one. */
  readonly brackets: readonly [maxPixels: number, small: string, large: string]
}

const titan: Product = { name: "TitanImageGeneratorG1", brackets: [768 * 768, "512", "1024"] }

/** https://aws.amazon.com/bedrock/pricing/, seen 2026-11-20 */
const products: Readonly<Record<string, Product>> = {
  "amazon.nova-canvas-v1:0": { name: "NovaCanvas", brackets: [1024 * 1024, "1024", "2048"] },
  "amazon.titan-image-generator-v1": titan,
  "amazon.titan-image-generator-v2:0": titan,
}

/** AWS documents no usage type for other tasks. */
const kinds: Readonly<Record<string, string>> = {
  "text-to-image": "T2I",
  "image-to-image": "I2I",
  inpaint: "I2I",
  outpaint: "I2I",
}

const qualities: Readonly<Record<string, string>> = { standard: "Standard", premium: "Premium" }

/** The usage type that AWS should bill a call as; undefined if it is not documented. */
export const usageTypeOf = ({
  model,
  task,
  size,
  quality,
}: Pick<LedgerCall, "model" | "task" | "size" | "quality">): string | undefined => {
  const product = products[model]
  const [width = 0, height = 0] = (size ?? "").split("x").map(Number)
  const kind = kinds[task]
  const grade = qualities[quality ?? ""]
  const pixels = width * height
  if (!product || !kind || !grade || !(pixels > 0)) return undefined
  const [maxPixels, small, large] = product.brackets
  return [product.name, kind, pixels <= maxPixels ? small : large, grade].join("-")
}
