import type { ParsedModel } from "@pictor/core/adapter"

const longestModelString = 2048
const regionSegment = /^(?:[a-z]{2,4}(?:-[a-z]+)+-\d{1,2})\//
const geoPrefix = /^(?:us-gov|us|eu|apac|jp|au|ca|sa|global)\.(?=[a-z0-9-]+\.[^.])/
const arn = /^arn:aws(?:-[a-z]+)*:bedrock:([a-z0-9-]+):(?:\d{12})?:([a-z-]+)\/([\w.:/-]+)$/
const unpriced: ReadonlySet<string> = new Set([
  "provisioned-model",
  "custom-model",
  "custom-model-deployment",
  "imported-model",
])

/** May it stand in a host name? */
export const isRegion = (text: string): boolean => /^[a-z0-9-]+$/.test(text)

/**
 * Reads `bedrock/[<region>/]`, geo prefixes and ARNs out of a model string; undefined where there is none of them.
 * Forms: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InvokeModel.html, seen 2026-11-20.
 */
export const parseModel = (model: string): ParsedModel | undefined => {
  if (model.length > longestModelString) return undefined
  const stripped = stripProvider(model)
  const parsed = parseArn(stripped.id) ?? parsePrefix(stripped.id)
  if (!parsed) return stripped.id === model ? undefined : stripped
  return { ...(stripped.region && { region: stripped.region }), ...parsed }
}

const stripProvider = (model: string): { readonly id: string; readonly region?: string } => {
  if (!model.startsWith("bedrock/")) return { id: model }
  const rest = model.slice("bedrock/".length)
  const segment = regionSegment.exec(rest)?.[0]
  return segment ? { id: rest.slice(segment.length), region: segment.slice(0, -1) } : { id: rest }
}

const parsePrefix = (id: string): ParsedModel | undefined => {
  const prefix = geoPrefix.exec(id)?.[0]
  if (!prefix) return undefined
  return {
    id: id.slice(prefix.length),
    modelId: id,
    warning: `${id} is called as given: no page of AWS lists this inference profile`,
  }
}

const parseArn = (text: string): ParsedModel | undefined => {
  const [, region, kind, tail] = arn.exec(text) ?? []
  if (!region || !kind || !tail) return undefined
  if (kind === "foundation-model") return { id: tail, modelId: text, region }
  if (kind === "inference-profile")
    return { id: tail.replace(geoPrefix, ""), modelId: text, region }
  if (kind === "application-inference-profile") return { id: text, modelId: text, region }
  return unpriced.has(kind) ? { id: text, modelId: text, region, priced: false } : undefined
}
