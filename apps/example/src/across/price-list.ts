import type { Task } from "@pictor/core"

/** Pages that state the prices. They were read independently: nothing here comes from the cards. */
export const pages = {
  bedrock: "https://aws.amazon.com/bedrock/pricing/",
  priceList:
    "https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/AmazonBedrock/current/us-east-1/index.json",
  litellm: "https://github.com/BerriAI/litellm/blob/main/model_prices_and_context_window.json",
  titanSizes:
    "https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-titan-image.html",
  novaTokens:
    "https://github.com/api-evangelist/amazon-nova/blob/97c0aa27/plans/amazon-nova-plans-pricing.yml",
  novaSizes: "https://docs.aws.amazon.com/nova/latest/userguide/image-gen-access.html",
} as const

/** Every combination of these values has one price. */
export interface Listed {
  readonly models: readonly string[]
  readonly tasks: readonly Task[]
  /**
   * Of the output, or of the input image if the output has its size. Absent if the price does not
   * depend on the size.
   */
  readonly sizes?: readonly string[]
  readonly quality?: "standard" | "premium"
  readonly steps?: readonly number[]
  /** US dollars of one image. */
  readonly usd: string
  readonly pages: readonly (keyof typeof pages)[]
  /** No page states it for this task: an edit is assumed to cost as an image of its size. */
  readonly inferred?: true
}

/** US dollars per million tokens. */
interface ListedByToken {
  readonly model: string
  readonly input: number
  readonly outputText: number
  readonly outputImage: number
  readonly pages: readonly (keyof typeof pages)[]
  /** No page states one of them. */
  readonly inferred?: true
}

export const tokenPriceList: readonly ListedByToken[] = [
  {
    model: "amazon.nova-2-omni-v1:0",
    input: 0.3,
    outputText: 2.5,
    outputImage: 44,
    pages: ["novaTokens"],
    inferred: true,
  },
]

const list = (text: string): readonly string[] => text.trim().split(/\s+/)

const titanSmall = list(
  "768x768 512x512 384x576 576x384 384x640 640x384 448x576 576x448 384x704 704x384 320x704 704x320",
)
const titanLarge = list(
  "1024x1024 768x1152 1152x768 768x1280 1280x768 896x1152 1152x896 768x1408 1408x768 640x1408 1408x640 1152x640 1173x640",
)
const novaSmall = list(
  "320x320 512x512 1024x1024 336x1024 512x1024 512x2048 2048x512 576x1024 672x1024 720x1280 1280x720 816x1024 1024x816 1360x768",
)
const novaLarge = list(
  "2048x2048 1024x4096 4096x1024 1168x3536 1440x2896 1520x2720 2720x1520 1664x2512 1824x2288 1040x1024 1024x1040",
)
const xlLarge = list(
  "1024x1024 1152x896 896x1152 1216x832 832x1216 1344x768 768x1344 1536x640 640x1536",
)
const xlSides = [128, 192, 256, 320, 384, 448, 512]
const xlSmall = xlSides.flatMap((width) => xlSides.map((height) => `${width}x${height}`))
const few = [10, 30, 50] as const
const many = [51, 100, 150] as const

const titanTasks = [
  "text-to-image",
  "image-to-image",
  "inpaint",
  "erase",
  "replace",
  "outpaint",
] as const
const titan = {
  models: ["amazon.titan-image-generator-v1", "amazon.titan-image-generator-v2:0"],
  tasks: titanTasks,
  pages: ["bedrock", "titanSizes"],
} as const
const titan2 = {
  ...titan,
  models: ["amazon.titan-image-generator-v2:0"],
  tasks: ["color-guided", "control"],
} as const
const titanCut = { ...titan2, tasks: ["remove-background"], inferred: true } as const

const novaEdits = [
  "inpaint",
  "erase",
  "replace",
  "outpaint",
  "color-guided",
  "control",
  "virtual-try-on",
] as const
const novaText = {
  models: ["amazon.nova-canvas-v1:0"],
  tasks: ["text-to-image"],
  pages: ["priceList", "bedrock", "novaSizes"],
} as const
const novaVariation = { ...novaText, tasks: ["image-to-image"] } as const
const nova = {
  models: ["amazon.nova-canvas-v1:0"],
  tasks: novaEdits,
  pages: ["bedrock", "novaSizes"],
  inferred: true,
} as const
const novaCut = { ...nova, tasks: ["remove-background"] } as const

const xlTasks = ["text-to-image", "image-to-image", "inpaint"] as const
const earlyXl = {
  models: ["stability.stable-diffusion-xl-v0", "stability.stable-diffusion-xl"],
  tasks: xlTasks,
  pages: ["litellm"],
} as const
const xl = {
  models: ["stability.stable-diffusion-xl-v1"],
  tasks: xlTasks,
  sizes: xlLarge,
  pages: ["bedrock", "litellm"],
} as const

const flat = (
  models: readonly string[],
  tasks: readonly Task[],
  usd: string,
  ...from: readonly (keyof typeof pages)[]
): Listed => ({
  models: models.map((model) => `stability.${model}`),
  tasks,
  usd,
  pages: from,
})

export const priceList: readonly Listed[] = [
  { ...titan, sizes: titanSmall, quality: "standard", usd: "0.008" },
  { ...titan, sizes: titanSmall, quality: "premium", usd: "0.010" },
  { ...titan, sizes: titanLarge, quality: "standard", usd: "0.010" },
  { ...titan, sizes: titanLarge, quality: "premium", usd: "0.012" },
  { ...titan2, sizes: titanSmall, quality: "standard", usd: "0.008" },
  { ...titan2, sizes: titanSmall, quality: "premium", usd: "0.010" },
  { ...titan2, sizes: titanLarge, quality: "standard", usd: "0.010" },
  { ...titan2, sizes: titanLarge, quality: "premium", usd: "0.012" },
  { ...titanCut, sizes: titanSmall, usd: "0.008" },
  { ...titanCut, sizes: titanLarge, usd: "0.010" },
  { ...novaText, sizes: novaSmall, quality: "standard", usd: "0.04" },
  { ...novaText, sizes: novaSmall, quality: "premium", usd: "0.06" },
  { ...novaText, sizes: novaLarge, quality: "standard", usd: "0.06" },
  { ...novaText, sizes: novaLarge, quality: "premium", usd: "0.08" },
  { ...novaVariation, sizes: novaSmall, quality: "standard", usd: "0.04" },
  { ...novaVariation, sizes: novaSmall, quality: "premium", usd: "0.06", inferred: true },
  { ...novaVariation, sizes: novaLarge, quality: "standard", usd: "0.06", inferred: true },
  { ...novaVariation, sizes: novaLarge, quality: "premium", usd: "0.08" },
  { ...nova, sizes: novaSmall, quality: "standard", usd: "0.04" },
  { ...nova, sizes: novaSmall, quality: "premium", usd: "0.06" },
  { ...nova, sizes: novaLarge, quality: "standard", usd: "0.06" },
  { ...nova, sizes: novaLarge, quality: "premium", usd: "0.08" },
  { ...novaCut, sizes: novaSmall, usd: "0.04" },
  { ...novaCut, sizes: novaLarge, usd: "0.06" },
  { ...earlyXl, sizes: xlSmall, steps: few, usd: "0.018" },
  { ...earlyXl, sizes: xlSmall, steps: many, usd: "0.036" },
  { ...earlyXl, sizes: xlLarge, steps: few, usd: "0.036" },
  { ...earlyXl, sizes: xlLarge, steps: many, usd: "0.072" },
  { ...xl, steps: few, usd: "0.04" },
  { ...xl, steps: many, usd: "0.08" },
  flat(
    ["sd3-large-v1:0", "sd3-5-large-v1:0"],
    ["text-to-image", "image-to-image"],
    "0.08",
    "bedrock",
    "litellm",
  ),
  flat(
    ["stable-image-core-v1:0", "stable-image-core-v1:1"],
    ["text-to-image"],
    "0.04",
    "bedrock",
    "litellm",
  ),
  flat(
    ["stable-image-ultra-v1:0", "stable-image-ultra-v1:1"],
    ["text-to-image"],
    "0.14",
    "bedrock",
    "litellm",
  ),
  flat(["stable-creative-upscale-v1:0"], ["upscale"], "0.60", "bedrock", "litellm"),
  flat(["stable-conservative-upscale-v1:0"], ["upscale"], "0.40", "bedrock", "litellm"),
  flat(["stable-fast-upscale-v1:0"], ["upscale"], "0.03", "bedrock", "litellm"),
  flat(["stable-outpaint-v1:0"], ["outpaint"], "0.06", "bedrock", "litellm"),
  flat(["stable-image-inpaint-v1:0"], ["inpaint"], "0.07", "bedrock", "litellm"),
  flat(["stable-image-erase-object-v1:0"], ["erase"], "0.07", "bedrock", "litellm"),
  flat(["stable-image-search-replace-v1:0"], ["replace"], "0.07", "bedrock", "litellm"),
  flat(["stable-image-search-recolor-v1:0"], ["recolor"], "0.07", "bedrock", "litellm"),
  flat(
    ["stable-image-remove-background-v1:0"],
    ["remove-background"],
    "0.07",
    "bedrock",
    "litellm",
  ),
  flat(
    ["stable-image-control-sketch-v1:0", "stable-image-control-structure-v1:0"],
    ["control"],
    "0.07",
    "bedrock",
    "litellm",
  ),
  flat(["stable-image-style-guide-v1:0"], ["style-guide"], "0.07", "bedrock", "litellm"),
  flat(["stable-style-transfer-v1:0"], ["style-transfer"], "0.08", "bedrock", "litellm"),
]
