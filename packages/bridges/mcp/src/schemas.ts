import type { JsonObject, ModelCard, Pictor, Task } from "@pictor/core"

/** Fields whose values core adapts to the model, so that no schema rejects them. */
const adapted: JsonObject = {
  size: { type: "string", description: "Such as 1280x720, 2K or auto. Adapted to the model." },
  aspectRatio: { type: "string", description: "Such as 16:9, instead of size." },
  quality: { type: "string", description: "low, medium, high, xhigh or max." },
  style: { type: "string" },
  guidance: { type: "number" },
  steps: { type: "integer" },
  strength: { type: "number", description: "From 0, which keeps the image, to 1." },
  policy: {
    enum: ["adapt", "strict"],
    description: "strict rejects what adapt, the default, changes and reports.",
  },
}

const picture = {
  type: "string",
  description: "A URL of this server, base64 or a data URL.",
} as const

const pictures: JsonObject = {
  image: picture,
  images: { type: "array", items: picture, maxItems: 16 },
  mask: { ...picture, description: `${picture.description} White is where the image changes.` },
}

/** Inputs that are pictures beside `image`: they are not offered, to keep requests small. */
const notOffered: ReadonlySet<string> = new Set(["styleImage", "referenceImage"])

const sameJson = (left: unknown, right: unknown): boolean =>
  JSON.stringify(left) === JSON.stringify(right)

/** One schema for the values of any of the models. */
const joined = (schemas: readonly unknown[]): unknown => {
  const distinct = schemas.filter(
    (schema, index) => schemas.findIndex((other) => sameJson(other, schema)) === index,
  )
  return distinct.length === 1 ? distinct[0] : { anyOf: distinct }
}

const withoutDefault = (schema: unknown): JsonObject => {
  // A default differs by model, and core adds it.
  const { default: _default, ...rest } = schema as JsonObject
  return rest
}

const isEdit = (task: Task, { tasks }: ModelCard): boolean => {
  const { image, images } = tasks[task]?.fields ?? {}
  return (image ?? images) !== undefined
}

/** The living models that can do it, and the fields that their cards describe. */
const offerOf = (pictor: Pictor, takes: (task: Task, card: ModelCard) => boolean) => {
  const fields = new Map<string, unknown[]>()
  const models: string[] = []
  const tasks = new Set<Task>()
  for (const card of pictor.models()) {
    const able = (Object.keys(card.tasks) as Task[]).filter((task) => takes(task, card))
    // Private copies of a retired model may exist: it works, and is not offered.
    if (able.length > 0 && pictor.model(card.id).lifecycle !== "retired") models.push(card.id)
    for (const task of able) {
      tasks.add(task)
      const { properties } = pictor.model(card.id).schema(task)
      for (const [name, schema] of Object.entries(properties as JsonObject))
        fields.set(name, [...(fields.get(name) ?? []), withoutDefault(schema)])
    }
  }
  const properties = [...fields].filter(([name]) => !notOffered.has(name))
  return {
    models,
    tasks: [...tasks],
    properties: Object.fromEntries(properties.map(([name, each]) => [name, joined(each)])),
  }
}

const requestSchema = (
  pictor: Pictor,
  models: readonly string[],
  properties: JsonObject,
  required: readonly string[],
): JsonObject => ({
  type: "object",
  properties: {
    ...properties,
    ...adapted,
    model: { type: "string", description: `One of ${models.join(", ")}.` },
    n: { type: "integer", minimum: 1, maximum: pictor.maxImages },
  },
  required,
})

/** The input of `generate_image`, from the cards. */
export const generateSchema = (pictor: Pictor): JsonObject => {
  const { models, properties } = offerOf(pictor, (task) => task === "text-to-image")
  return requestSchema(pictor, models, properties, ["model", "prompt"])
}

/** The input of `edit_image`, from the cards. */
export const editSchema = (pictor: Pictor): JsonObject => {
  const { models, tasks, properties } = offerOf(pictor, isEdit)
  const task = {
    enum: tasks,
    description: "Default: inpaint with a mask, else what the model does with an image.",
  }
  return requestSchema(pictor, models, { ...properties, ...pictures, task }, ["model"])
}

/** The input of `plan_image`: that of the other two. */
export const planSchema = (pictor: Pictor): JsonObject => {
  const [generate, edit] = [generateSchema(pictor), editSchema(pictor)]
  const properties = { ...(edit["properties"] as object), ...(generate["properties"] as object) }
  const models = pictor.models().map(({ id }) => id)
  return requestSchema(pictor, models, properties, ["model"])
}
