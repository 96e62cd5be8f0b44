import type { ModelCard, Parameter, PriceRow, TaskCard } from "@pictor/core/adapter"

/** What a model of an OpenAI-compatible server takes. */
export interface CustomModel<Id extends string = string> {
  readonly id: Id
  /** The legal sizes, or limits of any size. Without it, no size is sent. */
  readonly sizes?: readonly string[] | CustomSizes
  /** Default: 1024x1024 if that is legal, else the first size. */
  readonly defaultSize?: string
  /** The most images of a call. Default 1. */
  readonly imagesPerCall?: number
  /** The longest prompt, in characters. Default 32,000. */
  readonly maxPrompt?: number
  readonly qualities?: readonly string[]
  /** The first one is the default. Without it, no format is sent. */
  readonly outputFormats?: readonly string[]
  /** Edits with up to so many pictures, and with a mask. Default: no edits. */
  readonly edits?: { readonly images?: number; readonly mask?: boolean }
  /** Does it take `seed`? */
  readonly seed?: boolean
  /** Does it take `negative_prompt`? */
  readonly negativePrompt?: boolean
  /** The limits of `num_inference_steps`. */
  readonly steps?: readonly [min: number, max: number]
  /** The limits of `guidance_scale`. */
  readonly guidance?: readonly [min: number, max: number]
  /** Further fields of the body, for `options`. */
  readonly options?: Readonly<Record<string, Parameter>>
  /** Micro-USD per image; 0 for a server of your own. Without it, the price is unknown. */
  readonly microUsd?: number
}

export interface CustomSizes {
  readonly side: readonly [min: number, max: number]
  /** Both sides are divisible by it. Default 1. */
  readonly multiple?: number
  /** The most pixels. Default: the longest side squared. */
  readonly pixels?: number
  /** The longer side to the shorter one. Default: any. */
  readonly ratio?: number
}

const usualSize = "1024x1024"

/**
 * The card of a model on an OpenAI-compatible server.
 *
 * @example
 * openaiImages(http({ baseUrl: "http://127.0.0.1:8000/v1", key: false }), {
 *   models: [customModel({ id: "qwen-image", sizes: ["1024x1024"], seed: true, microUsd: 0 })],
 * })
 */
export const customModel = <const Id extends string>(model: CustomModel<Id>): ModelCard<Id> => {
  const { id, edits, imagesPerCall = 1, options = {}, microUsd } = model
  const fields = fieldsOf(model)
  const common = { imagesPerCall, options }
  const source = "server"
  const edited = edits && { ...fields, ...editFieldsOf(edits) }
  const form = { ...common, endpoint: "/images/edits", encoding: "form" } as const
  const prices: readonly PriceRow[] = microUsd === undefined ? [] : [{ microUsd, source }]
  return {
    id,
    regions: [],
    lifecycle: { status: "active", source },
    tasks: {
      "text-to-image": { ...common, endpoint: "/images/generations", fields },
      ...(edited && { "image-to-image": { ...form, fields: edited } }),
      ...(edited &&
        edits.mask === true && {
          inpaint: { ...form, oneOf: [["mask"]], fields: { ...edited, mask } },
        }),
    },
    prices,
    sources: { [source]: { url: "https://github.com/pictor-images/pictor", seen: "2026-11-30" } },
  }
}

type Fields = TaskCard["fields"]

const fieldsOf = (model: CustomModel): Fields => {
  const { maxPrompt = 32_000, imagesPerCall = 1, qualities, outputFormats, steps, guidance } = model
  return {
    prompt: { kind: "text", path: "prompt", min: 1, max: maxPrompt, required: true },
    n: { kind: "count", path: "n", max: imagesPerCall },
    ...(model.sizes && { size: sizeOf(model.sizes, model.defaultSize) }),
    ...(qualities && { quality: { kind: "enum", path: "quality", values: qualities } }),
    ...(outputFormats && { outputFormat: formatOf(outputFormats) }),
    ...(model.negativePrompt && {
      negativePrompt: { kind: "text", path: "negative_prompt", max: maxPrompt },
    }),
    ...(steps && { steps: { ...rangeOf("num_inference_steps", steps), integer: true } }),
    ...(guidance && { guidance: rangeOf("guidance_scale", guidance) }),
    ...(model.seed && {
      seed: { kind: "seed", path: "seed", min: 0, max: 2_147_483_647, zero: "literal" },
    }),
  }
}

const rangeOf = (path: string, [min, max]: readonly [min: number, max: number]) =>
  ({ kind: "range", path, min, max }) as const

const formatOf = (values: readonly string[]): Parameter => ({
  kind: "enum",
  path: "output_format",
  values,
  ...(values[0] !== undefined && { default: values[0] }),
})

const sizeOf = (sizes: readonly string[] | CustomSizes, usual: string | undefined): Parameter => {
  if (!isLimits(sizes)) {
    const first = sizes.includes(usualSize) ? usualSize : sizes[0]
    return { kind: "sizes", path: "size", values: sizes, default: usual ?? first ?? usualSize }
  }
  const { side, multiple = 1, pixels = side[1] ** 2, ratio = side[1] / side[0] } = sizes
  return {
    kind: "grid",
    path: "size",
    side,
    multiple,
    pixels,
    ratio,
    default: usual ?? usualSize,
  }
}

const isLimits = (sizes: readonly string[] | CustomSizes): sizes is CustomSizes => "side" in sizes

const types = ["image/png", "image/jpeg", "image/webp"]

const editFieldsOf = ({ images = 1 }: NonNullable<CustomModel["edits"]>): Fields => ({
  images: { kind: "images", path: "image[]", max: images, required: true, limits: { types } },
})

const mask = {
  kind: "mask",
  path: "mask",
  change: "transparent",
  sameSize: true,
  limits: { types: ["image/png"] },
} as const

/** Where a model is deployed on Azure. */
export interface AzureOptions {
  /** The name of the resource, or its address: `https://NAME.openai.azure.com`. */
  readonly resource: string
  /** The resource's key. A function is called before every request. */
  readonly key: string | (() => string | Promise<string>)
  /**
   * Of the URLs with the deployment in their path: `2025-04-01-preview`. Without it, the URLs of
   * version 1 are called.
   */
  readonly apiVersion?: string
  /** The key is an access token of Microsoft Entra ID. */
  readonly token?: boolean
}

/** Settings of `http()` that reach a resource of Azure. */
export interface AzureSettings {
  readonly provider: "azure"
  readonly baseUrl: string
  readonly key: AzureOptions["key"]
  readonly auth?: { readonly header: string }
}

/**
 * The options of `http()` for OpenAI's models on Azure. A request names its deployment as
 * `modelId`, if it is not named as the model.
 *
 * @example
 * openaiImages(http(azureOpenai({ resource: "drawings", key: process.env.AZURE_OPENAI_KEY ?? "" })))
 */
export const azureOpenai = ({ resource, key, apiVersion, token }: AzureOptions): AzureSettings => {
  const address = /^https?:/.test(resource) ? resource : `https://${resource}.openai.azure.com`
  const root = `${address.replace(/\/+$/, "")}/openai`
  return {
    provider: "azure",
    baseUrl:
      apiVersion === undefined
        ? `${root}/v1`
        : `${root}/deployments/{model}?api-version=${encodeURIComponent(apiVersion)}`,
    key,
    ...(token !== true && { auth: { header: "api-key" } }),
  }
}
