import type { CallToolResult, ContentBlock } from "@modelcontextprotocol/server"
import {
  type Cost,
  formatUsd,
  type Image,
  type ImageError,
  type ImageResult,
  type ImageStore,
} from "@pictor/core"
import { encodeBase64, sniff } from "@pictor/core/host"
import type { PictorMcpOptions } from "./types.ts"

/** Hosts cut or reject large tool results. */
const maxPreviewCharacters = 24_000
const maxPreviews = 4
const previewSides = [320, 256, 192, 128, 64]

/** Dollars, or null if a price is unknown. */
export const usdOf = ({ microUsd, unpricedImages }: Cost): number | null =>
  unpricedImages > 0 ? null : microUsd / 1_000_000

interface KeptImage {
  readonly uri: string
  readonly mediaType: string
  readonly width: number
  readonly height: number
  readonly seed?: number
  readonly costUsd: number | null
  readonly sha256: string
}

/** Keeps the images, and describes them with links and small previews. */
export const toToolResult = async (
  result: ImageResult,
  options: PictorMcpOptions,
): Promise<CallToolResult> => {
  const { images, slots, cost, model, changes, warnings } = result
  const lost = slots.flatMap((slot, index) => {
    if (slot.status === "delivered") return []
    if (slot.status === "filtered")
      return [`Image ${index + 1} was filtered (${slot.stage}): ${slot.reason}`]
    const reason = slot.status === "failed" ? `failed: ${slot.error.message}` : "was not attempted."
    return [`Image ${index + 1} ${reason}`]
  })
  const costs = slots.flatMap((slot) => (slot.status === "delivered" ? [slot.cost] : []))
  const kept = await Promise.all(
    images.map((image, index) => keep(image, costs[index], model, options.imageStore)),
  )
  const adapted = changes.map(({ field, action, why }) => `${field} is ${action}: ${why}`)
  const lines = [
    `${images.length} of ${slots.length} images by ${model} for ${formatUsd(cost)}.`,
    ...adapted,
    ...warnings,
    ...lost,
  ]
  return {
    content: [
      { type: "text", text: lines.join("\n") },
      ...(await previewsOf(images, options)),
      ...kept.map(linkOf),
    ],
    structuredContent: {
      model,
      images: kept,
      costUsd: usdOf(cost),
      changes: adapted,
      warnings: [...warnings, ...lost],
    },
  }
}

const keep = async (
  image: Image,
  cost: Cost | undefined,
  model: string,
  store: ImageStore,
): Promise<KeptImage> => {
  const key = `${crypto.randomUUID()}.${image.extension}`
  await store.put(key, image, {
    model,
    day: new Date().toISOString().slice(0, 10),
    tags: {},
    account: {},
    cost: cost ?? { microUsd: 0, maybeMicroUsd: 0, unpricedImages: 1 },
    recipe: image.recipe,
  })
  const uri = await store.url(key)
  if (uri === undefined) throw new TypeError("imageStore.url has no URL for an image that it kept.")
  const { mediaType, width, height, seed } = image
  return {
    uri,
    mediaType,
    width,
    height,
    ...(seed !== undefined && { seed }),
    costUsd: cost ? usdOf(cost) : null,
    sha256: await image.sha256(),
  }
}

const linkOf = ({ uri, mediaType }: KeptImage): ContentBlock => ({
  type: "resource_link",
  uri,
  name: uri.slice(uri.lastIndexOf("/") + 1),
  mimeType: mediaType,
})

const previewsOf = async (
  images: readonly Image[],
  { imageOps }: PictorMcpOptions,
): Promise<readonly ContentBlock[]> => {
  if (!imageOps) return []
  const shown = images.slice(0, maxPreviews)
  const most = Math.floor(maxPreviewCharacters / shown.length)
  const previews: ContentBlock[] = []
  for (const image of shown) {
    const preview = await previewOf(image.bytes(), most, imageOps.thumbnail)
    if (preview) previews.push(preview)
  }
  return previews
}

/** The largest preview of at most so many characters. The image is paid for: none is no error. */
const previewOf = async (
  bytes: Uint8Array,
  most: number,
  thumbnail: NonNullable<PictorMcpOptions["imageOps"]>["thumbnail"],
): Promise<ContentBlock | undefined> => {
  for (const side of previewSides) {
    const small = await thumbnail(bytes, side).catch(() => undefined)
    const mimeType = small && sniff(small)?.mediaType
    if (!small || mimeType === undefined) return undefined
    const data = encodeBase64(small)
    if (data.length <= most) return { type: "image", data, mimeType }
  }
  return undefined
}

/** An error as a tool result, so that the model can correct its request. */
export const toToolError = ({ code, message, issues = [], cost }: ImageError): CallToolResult => ({
  isError: true,
  content: [
    {
      type: "text",
      text: [message, ...issues.slice(1).map((issue) => issue.message)].join("\n"),
    },
  ],
  structuredContent: {
    code,
    issues: issues.map(({ path, allowed }) => ({
      path,
      ...(allowed !== undefined && { allowed }),
    })),
    ...(cost && { costUsd: usdOf(cost) }),
  },
})
