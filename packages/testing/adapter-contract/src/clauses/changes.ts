import type { FieldName, ImageRequest, JsonObject, Plan } from "@pictor/core"
import { merged, nested, plannedValue, sizeText } from "../body.ts"
import { clientOf, failureOf, planOf } from "../client.ts"
import type { Clause } from "../contract.ts"
import { samplesOf } from "../samples.ts"
import { requestWith, subjectsOf } from "../subject.ts"

/** Inputs that a plan has as sent, and a request repeats as given. */
const inputs: readonly string[] = [
  "image",
  "images",
  "mask",
  "styleImage",
  "referenceImage",
  "margins",
] satisfies readonly FieldName[]

/** The request with every value as planned. */
const asPlanned = (request: ImageRequest, { resolved, options }: Plan): JsonObject => {
  const { size, ...fields } = resolved
  return {
    ...request,
    aspectRatio: undefined,
    prompts: undefined,
    ...Object.fromEntries(Object.entries(fields).filter(([field]) => !inputs.includes(field))),
    size: size === undefined ? undefined : sizeText(size),
    options: Object.entries(options).reduce<JsonObject>(
      (all, [path, value]) => merged(all, nested(path, value)),
      // A mask in the model's own polarity stays there.
      request.options ?? {},
    ),
  }
}

const changeNone: Clause = async (context) => {
  const { expect } = context
  for (const subject of subjectsOf(context)) {
    const plan = await planOf(context, subject)
    const fields = asPlanned(subject.request, plan)
    for (const policy of ["adapt", "strict"] as const) {
      const again = await clientOf(context, subject).plan(
        requestWith(subject, { ...fields, policy }),
      )
      // The profile of a model and the inversion of a mask are not changes of values.
      const changes = again.changes.filter(
        ({ field }) => field !== "model" && !inputs.includes(field),
      )
      expect(changes, `${subject.label}: changes of the planned request, ${policy}`).toEqual([])
      expect(again.resolved, `${subject.label}: the planned request, ${policy}`).toEqual(
        plan.resolved,
      )
    }
  }
}

/** Values that few models take, or none. */
const unusual: JsonObject = {
  quality: "hd",
  guidance: 1e6,
  steps: 1e6,
  style: "no such style",
  outputFormat: "webp",
  size: "1001x777",
  negativePrompt: "fog",
  background: "opaque",
  compression: 33,
  moderation: "low",
  partialImages: 1,
}

const changeReported: Clause = async (context) => {
  const { expect } = context
  for (const subject of subjectsOf(context)) {
    const { size, negativePrompt, ...settings } = unusual
    const { prompt, prompts } = subject.taskCard.fields
    const hasPrompt = "prompt" in subject.request || "prompts" in subject.request
    const requested: JsonObject = {
      ...settings,
      ...(subject.task === "text-to-image" ? { size } : {}),
      ...(hasPrompt ? { negativePrompt } : {}),
      ...(prompt || prompts ? {} : { prompt: "a lighthouse" }),
    }
    const plan = await planOf(context, subject, requested)
    for (const [field, value] of Object.entries(requested)) {
      const used =
        field === "size" && plan.resolved.size === undefined
          ? plan.resolved.aspectRatio
          : plannedValue(plan, field)
      const reported = plan.changes.filter((change) => change.field === field)
      const label = `${subject.label}: ${field} ${JSON.stringify(value)} is used as ${JSON.stringify(used)}`
      const change = {
        from: value,
        why: expect.stringMatching(/./) as string,
        ...(field === "size" ? {} : { to: used }),
      }
      expect(reported, label).toMatchObject(used === value ? [] : [change])
    }
    const lost = plan.changes
      .filter(({ action }) => action !== "mapped" && action !== "split")
      .map(({ field }) => field)
    if (lost.length === 0) continue
    const error = await failureOf(
      context,
      planOf(context, subject, { ...requested, policy: "strict" }),
      `${subject.label}, strict`,
    )
    expect(error.code, `${subject.label}, strict`).toBe("unsupported")
    expect(
      error.issues?.map(({ path }) => path),
      `${subject.label}, strict: the issues`,
    ).toEqual(lost)
  }
}

const placedFields = [
  "prompt",
  "negativePrompt",
  "size",
  "aspectRatio",
  "quality",
  "guidance",
  "steps",
  "style",
  "outputFormat",
  "background",
  "compression",
  "moderation",
  "partialImages",
  "seed",
  "n",
] as const

const changeSilent: Clause = async (context) => {
  for (const subject of subjectsOf(context))
    for (const field of placedFields satisfies readonly FieldName[]) {
      const parameter = subject.taskCard.fields[field]
      // Another clause tests fields with a path.
      if (parameter === undefined || parameter.path !== undefined) continue
      const values = samplesOf(parameter)
      const [first, last] = [values[0], values.at(-1)]
      if (first === last) continue
      const bodies = await Promise.all(
        [first, last].map(async (value) =>
          JSON.stringify((await planOf(context, subject, { [field]: value })).calls[0]?.body),
        ),
      )
      const what = `${subject.label}: ${field} ${JSON.stringify(first)} and ${JSON.stringify(last)} give the same body, and no change is reported`
      context.expect(bodies[0] === bodies[1], what).toBe(false)
    }
}

export const changeClauses = {
  "change-none": changeNone,
  "change-reported": changeReported,
  "change-silent": changeSilent,
} as const
