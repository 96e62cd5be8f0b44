import type { LifecycleStatus, Parameter, Pictor } from "@pictor/core"

/** A model in the words of TanStack AI's model metadata. */
export interface ImageModelMeta {
  readonly name: string
  readonly supports: {
    readonly input: readonly ("text" | "image")[]
    readonly output: readonly ["image"]
    readonly endpoints: readonly ("image-generation" | "image-edit")[]
  }
  /** The listed sizes, tiers and aspect ratios; empty for a model of any size. */
  readonly sizes: readonly string[]
  readonly lifecycle: LifecycleStatus
}

/** The client's models, for lists and menus. */
export const imageModelMeta = (pictor: Pictor): readonly ImageModelMeta[] =>
  pictor.models().map(({ id, tasks }) => {
    const fields = Object.values(tasks).map((task) => task.fields)
    const takesText = fields.some(({ prompt, prompts }) => (prompt ?? prompts) !== undefined)
    const takesImage = fields.some(
      ({ image, images, styleImage, referenceImage }) =>
        (image ?? images ?? styleImage ?? referenceImage) !== undefined,
    )
    const sizes = fields.flatMap(({ size, aspectRatio }) => [size, aspectRatio].flatMap(listed))
    return {
      name: id,
      supports: {
        input: [...(takesText ? ["text" as const] : []), ...(takesImage ? ["image" as const] : [])],
        output: ["image"],
        endpoints: [
          ...(tasks["text-to-image"] ? ["image-generation" as const] : []),
          ...(takesImage ? ["image-edit" as const] : []),
        ],
      },
      sizes: [...new Set(sizes)],
      lifecycle: pictor.model(id).lifecycle,
    }
  })

const listed = (parameter: Parameter | undefined): readonly string[] => {
  if (parameter?.kind === "sizes" || parameter?.kind === "ratios") return parameter.values
  return parameter?.kind === "tiers" ? Object.keys(parameter.values) : []
}
