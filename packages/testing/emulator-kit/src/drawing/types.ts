import type { Format } from "./encode.ts"

/** All inputs of a picture. Equal drawings give equal bytes. */
export type Drawing = {
  /** The model's name as the picture shows it. */
  readonly model: string
  readonly task: string
  readonly prompt: string
  /** Further text that changes the picture: the negative prompt, a style. */
  readonly detail: string
  /** Requested hex colours. Empty for the scene's own. */
  readonly colors: readonly string[]
  readonly seed: number
  /** The picture's index in its call. */
  readonly index: number
  readonly width: number
  readonly height: number
  readonly format: Format
  /** The quality of a jpeg or webp, 1 to 100. */
  readonly quality?: number
}
