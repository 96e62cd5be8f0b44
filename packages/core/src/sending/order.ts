import type { InputImage } from "../contract/plan.ts"
import { retarget } from "../contract/ports.ts"
import type { ImageRequest, JsonObject } from "../contract/request.ts"
import type { Registry } from "../models/registry.ts"
import type { Planned } from "../planning/planner.ts"
import type { Asked, Ordered, Planning } from "../planning/planning.ts"
import { mapValues, pick } from "../tools/records.ts"

const each =
  (name: "sha256" | "base64") =>
  (value: InputImage | readonly InputImage[]): unknown =>
    name in value
      ? (value as InputImage)[name]
      : (value as readonly InputImage[]).map((image) => image[name])

/** The images as they were given, but for what belongs to the model's own words. */
const sourcesOf = ({ given, ready }: Planned): JsonObject =>
  pick(mapValues(given, each("base64")), (_, field) => !ready.some((own) => own === field))

/** Whatever name the model has; one that nobody has keeps its name. */
const modelOf = ({ model, modelId }: ImageRequest, registry: Registry): JsonObject => {
  try {
    const target = registry.resolve(model, modelId)
    return { model: target.card.id, modelId: target.modelId }
  } catch {
    return { model, modelId }
  }
}

/** A plan with the order that it fills. */
export const ordered = (
  planned: Asked,
  registry: Registry,
  { plan }: Pick<Planning, "plan">,
): Ordered => ({
  ...planned,
  order: () => ({
    ...planned.asked,
    ...modelOf(planned.asked, registry),
    ...mapValues(planned.given, each("sha256")),
  }),
  planFor: async (model) => {
    const { request, changes, asked } = planned
    const why = "it has made the images of this idempotency key"
    const change = {
      field: "model",
      action: "mapped",
      from: request.model,
      to: model,
      why,
    } as const
    const again = await plan(
      { ...retarget(request, model), ...sourcesOf(planned) },
      { changes: [...changes, change], asked },
    )
    return ordered(again, registry, { plan })
  },
})
