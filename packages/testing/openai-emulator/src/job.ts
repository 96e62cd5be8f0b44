import { hash, imageHeader, numberAt, type Size, textAt } from "@pictor/emulator-kit"
import type { Checked } from "./check.ts"
import type { Operation } from "./schemas.ts"
import { autoSize, parseSize } from "./size.ts"
import type { Upload, Uploads } from "./uploads.ts"

type OutputFormat = "png" | "jpeg" | "webp" | "gif" | "svg"

/** An accepted request with its defaults filled in. */
export type Job = {
  readonly operation: Operation
  readonly model: string
  readonly prompt: string
  readonly count: number
  readonly size: Size
  readonly quality: string
  readonly background: "transparent" | "opaque"
  readonly format: OutputFormat
  readonly compression: number | undefined
  readonly seed: number
  /** Text that changes the picture beside prompt and seed. */
  readonly detail: string
  readonly uploads: Uploads
  readonly inputSizes: readonly Size[]
  readonly partialImages: number
  readonly frames: { readonly count: number; readonly delayMs: number }
  readonly highFidelity: boolean
  readonly svgModel: string
  readonly safetyIdentifier: string | null
}

const formats: { readonly [name: string]: OutputFormat } = {
  png: "png",
  jpeg: "jpeg",
  webp: "webp",
  gif: "gif",
  svg: "svg",
}

/** The job of a request; `auto` is decided here. The seed makes drawings repeatable. */
export const jobOf = (operation: Operation, checked: Checked, seed: number): Job => {
  const { fields, model } = checked
  const uploads: Uploads = operation === "edits" ? checked.uploads : { images: [] }
  const prompt = textAt(fields, "prompt") ?? ""
  const { images, mask, markup } = uploads
  const inputSizes = [...images, mask, markup].flatMap((upload) =>
    upload === undefined ? [] : [sizeOf(upload)],
  )
  const quality = chosen(textAt(fields, "quality"))
  const background = chosen(textAt(fields, "background"))
  return {
    operation,
    model,
    prompt,
    count: numberAt(fields, "n") ?? 1,
    size: parseSize(textAt(fields, "size") ?? "") ?? autoSize(prompt, inputSizes[0]),
    quality: quality ?? "high",
    background: background === "transparent" ? "transparent" : "opaque",
    format: formats[textAt(fields, "output_format") ?? "png"] ?? "png",
    compression: numberAt(fields, "output_compression"),
    seed: hash(`${seed}\n${prompt}`),
    detail: [quality, textAt(fields, "complexity"), textAt(fields, "moderation")].join("|"),
    uploads,
    inputSizes,
    partialImages: fields["stream"] === true ? (numberAt(fields, "partial_images") ?? 0) : 0,
    frames: {
      count: numberAt(fields, "frame_count") ?? 9,
      delayMs: Math.min(
        655_350,
        Math.round((numberAt(fields, "frame_duration_ms") ?? 200) / 10) * 10,
      ),
    },
    highFidelity: textAt(fields, "input_fidelity") === "high",
    svgModel: textAt(fields, "svg", "model") ?? "svg-author",
    safetyIdentifier: textAt(fields, "safety_identifier") || textAt(fields, "user") || null,
  }
}

const chosen = (word: string | undefined): string | undefined =>
  word === "auto" ? undefined : word

const sizeOf = ({ bytes }: Upload): Size =>
  imageHeader(bytes.toString("base64")) ?? { width: 1, height: 1 }
