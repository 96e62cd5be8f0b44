import { isImageError } from "../contract/errors.ts"
import type { ImageOps } from "../contract/ports.ts"
import type { Notes } from "../planning/notes.ts"
import { type Input, toInput } from "./inputs.ts"

/** What preparing needs to know beside the request. */
export interface Workshop {
  readonly ops: ImageOps | undefined
  readonly notes: Notes
}

/** The image work that a request needs, or an issue that says how to come by it. */
export const needOps = (
  path: string,
  what: string,
  { ops, notes }: Workshop,
): ImageOps | undefined => {
  if (!ops)
    notes.unsupported(
      path,
      `the model needs ${what}: give createPictor({ imageOps: sharpImages() }) of @pictor/images.`,
    )
  return ops
}

/** A library's answer; what it refuses is an issue. */
export const worked = async <Out>(
  path: string,
  { notes }: Workshop,
  work: () => Promise<Out>,
): Promise<Out | undefined> => {
  try {
    return await work()
  } catch (cause) {
    const say = isImageError(cause, "unsupported") ? notes.unsupported : notes.invalid
    // Only Pictor's own errors are known to say nothing of an image's bytes.
    say(
      path,
      isImageError(cause)
        ? `${path}: ${cause.message}`
        : `${path} could not be worked on by createPictor({ images }).`,
    )
    return undefined
  }
}

/** The bytes that a library made, as an input; what is no image is an issue. */
export const made = async (
  path: string,
  workshop: Workshop,
  work: () => Promise<Uint8Array>,
): Promise<Input | undefined> => {
  const bytes = await worked(path, workshop, work)
  const input = bytes && (await toInput(new Uint8Array(bytes)))
  if (bytes && !input)
    workshop.notes.invalid(
      path,
      `createPictor({ images }) made no image that can be read of ${path}.`,
    )
  return input
}
