import { ImageError, type ImageSource } from "@pictor/core"
import type { EditSources } from "@pictor/core/host"
import {
  type ImagePart,
  type MediaInputMetadata,
  type MediaPrompt,
  resolveMediaPrompt,
} from "@tanstack/ai"

type Part = ImagePart<MediaInputMetadata>

interface PromptFields {
  readonly prompt: string | undefined
  readonly sources: EditSources
}

/** TanStack AI's role → the role of a reference. */
const roles = { character: "character", control: "layout" } as const

/** The words and pictures of a prompt. */
export const readPrompt = (prompt: MediaPrompt): PromptFields => {
  const { text, images, videos, audios } = resolveMediaPrompt(prompt)
  if (videos.length > 0 || audios.length > 0)
    throw promptError(
      "unsupported",
      "prompt has a video or audio part. Models take text and images.",
    )
  const masks = images.filter(({ metadata }) => metadata?.role === "mask")
  if (masks.length > 1)
    throw promptError("invalid_request", `prompt has ${masks.length} masks. Give at most one.`)
  const frame = images.find(({ metadata }) => metadata?.role?.endsWith("_frame"))
  if (frame)
    throw promptError(
      "unsupported",
      `prompt has an image with the role ${frame.metadata?.role}, which is for videos.`,
    )
  const [mask] = masks
  const withoutWords = text === "" && images.length > 0
  return {
    prompt: withoutWords ? undefined : text,
    sources: {
      images: images.filter(isPlain).map(toSource),
      mask: mask && toSource(mask),
      references: images.flatMap((part) => {
        const role = roles[part.metadata?.role as keyof typeof roles]
        return role === undefined ? [] : [{ image: toSource(part), role }]
      }),
    },
  }
}

const isPlain = ({ metadata }: Part): boolean =>
  metadata?.role === undefined || metadata.role === "reference"

const toSource = ({ source: { type, value } }: Part): ImageSource | URL => {
  if (type === "data" || value.startsWith("data:")) return value
  if (URL.canParse(value)) return new URL(value)
  throw promptError("invalid_request", "prompt has an image whose URL is not valid.")
}

const promptError = (code: "unsupported" | "invalid_request", message: string): ImageError =>
  new ImageError({ code, message, issues: [{ code, path: "prompt", message }] })
