import type { ImageAdapter, ImageOps, JsonObject, ModelCard, Parameter, Task } from "@pictor/core"
import { type CallDraft, defineAdapter, type TaskCard, type Transport } from "@pictor/core/adapter"
import { describe, expect, test } from "vitest"
import { familiesOn } from "./families.ts"
import { picture, quickImages } from "./pictures.ts"
import { type Subject, wireChecks } from "./wire-checks.ts"

const sound: Subject = { familiesOn, images: quickImages }

/** The same families with their cards or bodies altered. */
const altered = (change: {
  readonly card?: (card: ModelCard) => ModelCard
  readonly encode?: (body: JsonObject, draft: CallDraft) => JsonObject
  readonly transport?: (transport: Transport) => Transport
}): Subject => ({
  ...sound,
  familiesOn: (transport) =>
    (familiesOn(transport) as readonly ImageAdapter[]).map((adapter) =>
      defineAdapter({
        ...adapter,
        models: adapter.models.map(change.card ?? ((card) => card)),
        encode: (draft) => (change.encode ?? ((body) => body))(adapter.encode(draft), draft),
      })(change.transport?.(transport) ?? transport),
    ),
})

const withField = (
  tasks: readonly Task[],
  field: "strength" | "mask",
  change: (parameter: Parameter) => Parameter,
): Subject =>
  altered({
    card: (card) => ({
      ...card,
      tasks: Object.fromEntries(
        Object.entries(card.tasks).map(([task, taskCard]: [string, TaskCard]) => {
          const parameter = taskCard.fields[field]
          return [
            task,
            tasks.includes(task as Task) && parameter
              ? { ...taskCard, fields: { ...taskCard.fields, [field]: change(parameter) } }
              : taskCard,
          ]
        }),
      ),
    }),
  })

const flipped = (parameter: Parameter): Parameter =>
  parameter.kind === "mask"
    ? { ...parameter, change: parameter.change === "white" ? "black" : "white" }
    : parameter

const without = (body: JsonObject, path: string): JsonObject => {
  const [head = "", ...rest] = path.split(".")
  const { [head]: inner, ...others } = body
  return rest.length === 0 || inner === undefined
    ? others
    : { ...others, [head]: without(inner as JsonObject, rest.join(".")) }
}

const blanking: ImageOps = { ...quickImages, invertMask: async () => picture("512x512") }

let firstSeed: number | undefined
const overlapping = (body: JsonObject, { seed, count }: CallDraft): JsonObject => {
  const config = body["imageGenerationConfig"] as JsonObject | undefined
  if (config?.["seed"] === undefined || seed === undefined) return body
  firstSeed = count === 5 && seed === 7 ? seed : firstSeed
  // One seed further per call instead of one per image.
  return {
    ...body,
    imageGenerationConfig: {
      ...config,
      seed: (firstSeed ?? seed) + (seed - (firstSeed ?? seed)) / 5,
    },
  }
}

const faults: readonly { readonly fault: string; readonly subject: Subject }[] = [
  {
    fault: "strength is not reversed",
    subject: withField(["image-to-image"], "strength", (parameter) => {
      const { inverted: _inverted, ...rest } = parameter as Parameter & { readonly inverted?: true }
      return rest
    }),
  },
  {
    fault: "an inpainting mask and its declared polarity disagree",
    subject: withField(["inpaint"], "mask", flipped),
  },
  { fault: "a mask is blanked instead of inverted", subject: { ...sound, images: blanking } },
  { fault: "the outpainting polarity is wrong", subject: withField(["outpaint"], "mask", flipped) },
  { fault: "the seeds of split batches overlap", subject: altered({ encode: overlapping }) },
  {
    fault: "controlStrength is missing",
    subject: altered({ encode: (body) => without(body, "textToImageParams.controlStrength") }),
  },
  {
    fault: "a cheap size gets a dear price row",
    subject: altered({ card: (card) => ({ ...card, prices: card.prices.toReversed() }) }),
  },
  {
    fault: "an ARN is not called",
    subject: altered({
      transport: (transport) => ({
        ...transport,
        invoke: (call) => transport.invoke({ ...call, modelId: call.model }),
      }),
    }),
  },
]

describe("what the families say on the wire", () => {
  test.each(wireChecks)("$name", async ({ run }) => {
    await expect(run(sound)).resolves.toBeUndefined()
  })
})

describe("a planted fault fails a check", () => {
  test.each(faults)("$fault", async ({ subject }) => {
    const ends = await Promise.allSettled(wireChecks.map(({ run }) => run(subject)))
    expect(ends.filter(({ status }) => status === "rejected").length).toBeGreaterThan(0)
    // The fault is what fails, not the subject: most checks still hold.
    expect(ends.filter(({ status }) => status === "fulfilled").length).toBeGreaterThan(
      wireChecks.length / 2,
    )
  })
})
