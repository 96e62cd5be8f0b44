import type { FieldName, ImageSource, JsonObject, Parameter, Plan, Recipe } from "@pictor/core"
import { sentValues } from "../body.ts"
import { clientOf, failureOf, planOf, recording } from "../client.ts"
import type { Clause, Context } from "../contract.ts"
import { firstCall } from "../examples.ts"
import { inputCasesOf, requestOf } from "../input-cases.ts"
import { requestWith, type Subject, subjectsOf } from "../subject.ts"

type Seed = Extract<Parameter, { readonly kind: "seed" }>

/** Subjects with a seed. */
const seededOf = (context: Context): readonly (readonly [Subject, Seed])[] =>
  subjectsOf(context).flatMap((subject) => {
    const { seed } = subject.taskCard.fields
    return seed?.kind === "seed" ? [[subject, seed] as const] : []
  })

const seedsOf = ({ calls }: Plan): readonly unknown[] => calls.map(({ seed }) => seed)

const seedLimits: Clause = async (context) => {
  const { expect } = context
  for (const [subject, { min, max, narrowMax = max, zero }] of seededOf(context)) {
    expect(narrowMax, `${subject.label}: narrowMax of its seed`).toBeLessThanOrEqual(max)
    for (const seed of [min, max])
      expect(
        seedsOf(await planOf(context, subject, { seed })),
        `${subject.label}: seed ${seed}`,
      ).toEqual([seed])
    for (const seed of [min - 1, max + 1, min + 0.5, Number.NaN]) {
      const label = `${subject.label}: seed ${seed}`
      const error = await failureOf(context, planOf(context, subject, { seed }), label)
      expect([error.code, error.issues?.map(({ path }) => path)], label).toEqual([
        "invalid_request",
        ["seed"],
      ])
    }
    for (const drawn of [0, 0.5, 1 - Number.EPSILON]) {
      const client = clientOf(context, subject, undefined, { runtime: { random: () => drawn } })
      const { calls } = await client.plan(
        requestWith(subject, { seed: undefined, n: subject.limit + 1 }),
      )
      for (const { seed = Number.NaN } of calls) {
        expect(seed, `${subject.label}: a drawn seed`).toBeGreaterThanOrEqual(
          zero === "random" ? Math.max(1, min) : min,
        )
        expect(seed, `${subject.label}: a drawn seed`).toBeLessThanOrEqual(narrowMax)
      }
    }
  }
}

const seedSent: Clause = async (context) => {
  const { expect } = context
  for (const [subject, { path }] of seededOf(context)) {
    const { seed } = subject.request
    expect(seedsOf(await planOf(context, subject)), `${subject.label}: the planned seed`).toEqual([
      seed,
    ])
    for (const fields of [{}, { seed: undefined }]) {
      const plan = await planOf(context, subject, { ...fields, n: subject.limit + 1 })
      for (const each of seedsOf(plan))
        expect(each, `${subject.label}: a call without a seed`).toBeTypeOf("number")
      // Another clause tests that seeds differ.
      if (path !== undefined)
        expect(
          sentValues(plan, subject.taskCard, "seed")[0],
          `${subject.label}: the seed in the body`,
        ).toBe(seedsOf(plan)[0])
    }
  }
}

const seedZero: Clause = async (context) => {
  for (const [subject, { min, path }] of seededOf(context)) {
    if (min > 0) continue
    const plan = await planOf(context, subject, { seed: 0 })
    context.expect(seedsOf(plan), `${subject.label}: the planned seed`).toEqual([0])
    const sendsSeeds =
      sentValues(await planOf(context, subject), subject.taskCard, "seed")[0] !== undefined
    if (path !== undefined && sendsSeeds)
      context
        .expect(sentValues(plan, subject.taskCard, "seed"), `${subject.label}: seed 0 in the body`)
        .toEqual([0])
  }
}

const seedSplit: Clause = async (context) => {
  const { expect } = context
  for (const [subject, { min, max }] of seededOf(context))
    for (const seed of [subject.request.seed, min, max]) {
      const plan = await planOf(context, subject, { seed, n: 3 * subject.limit })
      const label = `${subject.label}: seeds of three calls that begin at ${seed}`
      expect(new Set(seedsOf(plan)).size, label).toBe(3)
      const sent = sentValues(plan, subject.taskCard, "seed").filter((each) => each !== undefined)
      expect(new Set(sent).size, `${label}, in the bodies`).toBe(sent.length)
    }
}

const isSource = (value: unknown): value is ImageSource =>
  typeof value === "string" ||
  value instanceof Uint8Array ||
  value instanceof ArrayBuffer ||
  value instanceof Blob

const imageFields = [
  "image",
  "mask",
  "styleImage",
  "referenceImage",
] as const satisfies readonly FieldName[]

/** The request's images. */
const inputsOf = (request: JsonObject): Readonly<Record<string, ImageSource>> => {
  const list: readonly unknown[] = Array.isArray(request["images"]) ? request["images"] : []
  const all = [...imageFields.map((field) => request[field]), ...list].filter(isSource)
  return Object.fromEntries(all.map((source, index) => [`input ${index}`, source]))
}

const seedReplay: Clause = async (context) => {
  const { expect } = context
  for (const subject of subjectsOf(context)) {
    const { label, taskCard, limit } = subject
    const sent = recording(context.deliver)
    const client = clientOf(context, subject, sent.invoke)
    const { images } = await client.generate(requestWith(subject, { n: limit + 1 }))
    const image = images.at(-1)
    if (!image) throw new Error(`${label}: there is no image to replay`)
    const recipe = JSON.parse(JSON.stringify(image.recipe)) as typeof image.recipe
    const inputs = inputsOf(subject.request as unknown as JsonObject)
    if (taskCard.fields.seed === undefined) {
      expect(recipe.replayable, `${label}: the recipe of a model without seeds`).toBe(false)
      expect((await failureOf(context, client.replay(recipe, { inputs }), label)).code, label).toBe(
        "unsupported",
      )
      continue
    }
    const plan = await client.planReplay(recipe, { inputs })
    expect([plan.n, plan.calls.length], `${label}: images and calls of the recipe's plan`).toEqual([
      recipe.callImages,
      1,
    ])
    const before = sent.calls.at(-1)?.body
    const again = await client.replay(recipe, { inputs })
    expect(sent.calls.at(-1)?.body, `${label}: the replayed body`).toEqual(before)
    expect(await again.sha256(), `${label}: the image of the same body`).toBe(await image.sha256())
  }
  await expectSameBodies(context)
}

/** Replays of the kit's own cases send the same bodies. Their reply is the example's. */
const expectSameBodies = async (context: Context): Promise<void> => {
  for (const inputCase of inputCasesOf(context)) {
    const { subject, label, fields } = inputCase
    if (subject.taskCard.fields.seed === undefined) continue
    const reply = await context.deliver(await firstCall(context, subject, 1))
    const sent = recording(async () => reply)
    const client = clientOf(context, subject, sent.invoke)
    const { images } = await client.generate(requestOf(inputCase))
    const recipe = JSON.parse(JSON.stringify(images[0]?.recipe)) as Recipe
    const again = await client.planReplay(recipe, { inputs: inputsOf(fields) })
    const bodies = sent.calls.map(({ body }) => body)
    context
      .expect(
        again.calls.map(({ body }) => body),
        `${label}: the body of its recipe`,
      )
      .toEqual(bodies)
  }
}

export const seedClauses = {
  "seed-limits": seedLimits,
  "seed-sent": seedSent,
  "seed-zero": seedZero,
  "seed-split": seedSplit,
  "seed-replay": seedReplay,
} as const
