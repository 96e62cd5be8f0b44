import type { ImageAdapter, JsonObject, Plan } from "@pictor/core"
import type { CallDraft } from "@pictor/core/adapter"
import { at, merged, nested, sentValues, sizeText } from "../body.ts"
import { clientOf, planOf } from "../client.ts"
import type { Clause, Context } from "../contract.ts"
import { samplesOf } from "../samples.ts"
import { requestWith, type Subject, subjectsOf } from "../subject.ts"
import { richFields, styleSettings } from "../variants.ts"

/** The drafts that encode got for a plan, and the adapter. */
const draftsOf = async (
  context: Context,
  subject: Subject,
  fields: JsonObject,
): Promise<{ adapter: ImageAdapter; drafts: readonly CallDraft[]; plan: Plan }> => {
  const drafts: CallDraft[] = []
  let adapter: ImageAdapter | undefined
  const wrap = (given: ImageAdapter): ImageAdapter => {
    adapter = given
    return {
      ...given,
      encode: (draft) => {
        drafts.push(draft)
        return given.encode(draft)
      },
    }
  }
  const plan = await clientOf(context, subject, undefined, { wrap }).plan(
    requestWith(subject, fields),
  )
  return { adapter: adapter as ImageAdapter, drafts, plan }
}

const frozen = <Value>(value: Value): Value => {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return value
  for (const each of Object.values(value)) frozen(each)
  return Object.freeze(value)
}

const bodyJson: Clause = async (context) => {
  for (const subject of subjectsOf(context))
    for (const fields of [{}, richFields(subject)])
      for (const { body } of (await planOf(context, subject, fields)).calls)
        context
          .expect(body, `${subject.label}: the body differs from its JSON`)
          .toStrictEqual(JSON.parse(JSON.stringify(body)))
}

const bodyPure: Clause = async (context) => {
  const { expect } = context
  for (const subject of subjectsOf(context)) {
    const { adapter, drafts, plan } = await draftsOf(context, subject, {
      ...richFields(subject),
      n: subject.limit + 1,
    })
    const draft = frozen(structuredClone(drafts[0]) as CallDraft)
    for (const again of ["again", "once more"]) {
      expect(adapter.encode(draft), `${subject.label}: the same draft, encoded ${again}`).toEqual(
        plan.calls[0]?.body,
      )
      for (const other of drafts) adapter.encode(frozen(structuredClone(other)))
    }
  }
}

const placedFields = ["prompt", "negativePrompt", ...styleSettings] as const

const bodyPlaces: Clause = async (context) => {
  const { expect } = context
  for (const subject of subjectsOf(context)) {
    const { taskCard, label } = subject
    const plan = await planOf(context, subject, richFields(subject))
    const body = plan.calls[0]?.body
    for (const [path, value] of Object.entries(taskCard.constants ?? {}))
      expect(at(body, path), `${label}: ${path} of the body`).toBe(value)
    for (const field of placedFields) {
      const path = taskCard.fields[field]?.path
      const value = plan.resolved[field]
      if (typeof path === "string" && value !== undefined)
        expect(at(body, path), `${label}: ${field} of the body, at ${path}`).toEqual(value)
    }
    const list = taskCard.fields.prompts?.path
    const texts = [
      plan.resolved.prompt,
      plan.resolved.negativePrompt,
      ...(plan.resolved.prompts ?? []).map(({ text }) => text),
    ]
    if (typeof list === "string")
      for (const text of texts)
        if (text !== undefined)
          expect(
            JSON.stringify(at(body, list)),
            `${label}: prompts of the body, at ${list}`,
          ).toContain(JSON.stringify(text))
  }
}

const expectPlanned = (
  { expect }: Context,
  { taskCard, label }: Subject,
  plan: Plan,
  request: unknown,
): void => {
  const { size, aspectRatio, quality, steps } = plan.resolved
  const wanted = {
    aspectRatio,
    quality,
    steps,
    ...(size === undefined ? {} : { size: sizeText(size) }),
  }
  const because = `of the body of ${JSON.stringify(request)}`
  for (const [field, value] of Object.entries(wanted)) {
    if (value === undefined || taskCard.fields[field as "size"]?.path === undefined) continue
    for (const sent of sentValues(plan, taskCard, field as "size"))
      expect(sent, `${label}: ${field} ${because}`).toEqual(value)
  }
  if (taskCard.fields.n?.path === undefined) return
  const counts = plan.calls.map(({ slots }) => slots.length)
  expect(sentValues(plan, taskCard, "n"), `${label}: count ${because}`).toEqual(counts)
}

const pricedFields = ["n", "size", "aspectRatio", "quality", "steps"] as const

/** A value in the body's own form. */
const asOptions = (path: string | readonly [string, string], value: unknown): JsonObject => {
  if (typeof path === "string") return nested(path, value)
  const [width = 0, height = 0] = String(value).split("x").map(Number)
  return merged(nested(path[0], width), nested(path[1], height))
}

const bodyPlanned: Clause = async (context) => {
  for (const subject of subjectsOf(context)) {
    const { taskCard, limit, request } = subject
    const own = request.options ?? {}
    const values = pricedFields.flatMap((field) => {
      const parameter = taskCard.fields[field]
      return parameter
        ? samplesOf(parameter).map((value) => ({ field, value, path: parameter.path }))
        : []
    })
    const byField = values.map(({ field, value }) => ({ [field]: value }))
    const byOption = values.flatMap(({ field, value, path }) =>
      path === undefined
        ? []
        : [{ ...withoutField[field], options: merged(own, asOptions(path, value)) }],
    )
    const other = Object.entries(taskCard.options ?? {}).flatMap(([path, parameter]) =>
      samplesOf(parameter).map((value) => ({ options: merged(own, nested(path, value)) })),
    )
    for (const fields of [{}, { n: limit + 1 }, ...byField, ...byOption, ...other])
      expectPlanned(context, subject, await planOf(context, subject, fields), fields)
  }
}

/** A request without the field, so that options can have it. */
const withoutField: { readonly [Field in (typeof pricedFields)[number]]: JsonObject } = {
  n: { n: undefined },
  size: { size: undefined, aspectRatio: undefined },
  aspectRatio: { size: undefined, aspectRatio: undefined },
  quality: { quality: undefined },
  steps: { steps: undefined },
}

const bodyOptions: Clause = async (context) => {
  for (const subject of subjectsOf(context))
    for (const [path, parameter] of Object.entries(subject.taskCard.options ?? {}))
      for (const value of samplesOf(parameter)) {
        const options = merged(subject.request.options ?? {}, nested(path, value))
        for (const { body } of (await planOf(context, subject, { options })).calls)
          context
            .expect(at(body, path), `${subject.label}: options.${path} in the body`)
            .toEqual(value)
      }
}

export const bodyClauses = {
  "body-json": bodyJson,
  "body-pure": bodyPure,
  "body-places": bodyPlaces,
  "body-planned": bodyPlanned,
  "body-options": bodyOptions,
} as const
