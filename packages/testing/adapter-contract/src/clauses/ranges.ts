import type { JsonObject, Plan } from "@pictor/core"
import { plannedValue, sentValues } from "../body.ts"
import { failureOf, planOf } from "../client.ts"
import type { Clause, Context } from "../contract.ts"
import { isLegalSize, randomSizes, samplesOf } from "../samples.ts"
import { type Subject, subjectsOf } from "../subject.ts"
import { styleSettings } from "../variants.ts"

const changesOf = ({ changes }: Plan, field: string) =>
  changes.filter((change) => change.field === field)

/** The value is planned unchanged, and no change is reported. */
const expectTaken = async (
  context: Context,
  subject: Subject,
  field: string,
  value: unknown,
): Promise<Plan> => {
  const plan = await planOf(context, subject, { [field]: value })
  const what = `${subject.label}: ${field} ${JSON.stringify(value)}`
  context.expect(changesOf(plan, field), `${what} is allowed, but changed`).toEqual([])
  context.expect(plannedValue(plan, field), `${what} is allowed, but not planned`).toEqual(value)
  return plan
}

const refusedUnderStrict = async (
  context: Context,
  subject: Subject,
  fields: JsonObject,
  label: string,
): Promise<void> => {
  const error = await failureOf(
    context,
    planOf(context, subject, { ...fields, policy: "strict" }),
    `${label}, strict`,
  )
  context.expect(error.code, `${label}, strict`).toBe("unsupported")
  const paths = error.issues?.map(({ path }) => path) ?? []
  for (const field of Object.keys(fields))
    context.expect(paths, `${label}, strict: the issues`).toContain(field)
}

/** The model's own choice is not planned where only named qualities have prices. */
const isUnpriced = ({ card: { prices } }: Subject, quality: unknown): boolean =>
  quality === "auto" &&
  prices.some((row) => row.quality !== undefined) &&
  !prices.some((row) => row.quality === "auto")

const rangeLimits: Clause = async (context) => {
  // Another clause tests count, size, quality and steps of the body.
  for (const subject of subjectsOf(context))
    for (const field of [...styleSettings, "quality", "steps"] as const) {
      const parameter = subject.taskCard.fields[field]
      for (const value of parameter ? samplesOf(parameter) : []) {
        if (field === "quality" && isUnpriced(subject, value)) continue
        const plan = await expectTaken(context, subject, field, value)
        if (field === "quality" || field === "steps") continue
        for (const sent of sentValues(plan, subject.taskCard, field))
          if (sent !== undefined)
            context
              .expect(sent, `${subject.label}: ${field} ${JSON.stringify(value)} in the body`)
              .toEqual(value)
      }
    }
}

const rangeBeyond: Clause = async (context) => {
  for (const subject of subjectsOf(context))
    for (const field of ["guidance", "steps"] as const) {
      const parameter = subject.taskCard.fields[field]
      if (parameter?.kind !== "range") continue
      const beyond = [
        [parameter.min - 1, parameter.min],
        [parameter.max + 1, parameter.max],
      ] as const
      for (const [from, to] of beyond) {
        const label = `${subject.label}: ${field} ${from}`
        const plan = await planOf(context, subject, { [field]: from })
        context
          .expect(changesOf(plan, field), label)
          .toMatchObject([{ action: "clamped", from, to }])
        context.expect(plannedValue(plan, field), label).toBe(to)
        await refusedUnderStrict(context, subject, { [field]: from }, label)
      }
    }
}

const rangeSizes: Clause = async (context) => {
  const { expect } = context
  for (const subject of subjectsOf(context)) {
    const { size, aspectRatio } = subject.taskCard.fields
    for (const value of aspectRatio ? samplesOf(aspectRatio) : [])
      await expectTaken(context, subject, "aspectRatio", value)
    if (size?.kind === "tiers") await expectTiers(context, subject, Object.keys(size.values))
    if (size?.kind !== "sizes" && size?.kind !== "grid") continue
    for (const value of [...samplesOf(size), size.default])
      await expectTaken(context, subject, "size", value)
    const asked = ["1x1", "1x9999", "1001x777", ...randomSizes(size)]
    for (const from of asked.filter((each) => !isLegalSize(size, each))) {
      const label = `${subject.label}: size ${from}`
      const plan = await planOf(context, subject, { size: from })
      const to = String(plannedValue(plan, "size"))
      expect(
        isLegalSize(size, to),
        `${label} becomes ${to}, which is not a size of the model`,
      ).toBe(true)
      expect(changesOf(plan, "size"), label).toMatchObject([{ action: "snapped", from, to }])
      await refusedUnderStrict(context, subject, { size: from }, label)
    }
  }
}

/** Tiers are used unchanged; a size in pixels becomes one of them, which is reported. */
const expectTiers = async (
  context: Context,
  subject: Subject,
  tiers: readonly string[],
): Promise<void> => {
  for (const tier of tiers) await expectTaken(context, subject, "size", tier)
  for (const from of ["1x1", "1x9999", "1001x777", "9999x9999"]) {
    const label = `${subject.label}: size ${from}`
    const plan = await planOf(context, subject, { size: from })
    context.expect(tiers, `${label}: the tier`).toContain(plannedValue(plan, "size"))
    context.expect(changesOf(plan, "size"), label).toMatchObject([{ action: "snapped", from }])
    await refusedUnderStrict(context, subject, { size: from }, label)
  }
}

/** A text of `max` characters, two of which have several bytes and UTF-16 units. */
const textOf = (count: number): string =>
  "\u{1f3a8}".repeat(Math.min(2, count)) + "a".repeat(Math.max(0, count - 2))

const rangeTexts: Clause = async (context) => {
  const { expect } = context
  for (const subject of subjectsOf(context))
    for (const field of ["prompt", "negativePrompt"] as const) {
      const parameter = subject.taskCard.fields[field] ?? subject.taskCard.fields.prompts
      if (parameter?.kind !== "text" && parameter?.kind !== "prompts") continue
      const label = `${subject.label}: a ${field} of ${parameter.max} characters`
      const longest = textOf(parameter.max)
      const plan = await planOf(context, subject, { [field]: longest })
      expect(plan.changes, label).toEqual((await planOf(context, subject)).changes)
      for (const sent of sentValues(plan, subject.taskCard, field))
        if (sent !== undefined)
          expect(sent === longest, `${label} is incomplete in the body`).toBe(true)
      const error = await failureOf(
        context,
        planOf(context, subject, { [field]: textOf(parameter.max + 1) }),
        `${label}, and one more`,
      )
      expect(error.code, `${label}, and one more`).toBe("invalid_request")
      expect(
        error.issues?.map(({ path }) => path),
        `${label}, and one more: the issues`,
      ).toEqual([field])
    }
}

export const rangeClauses = {
  "range-limits": rangeLimits,
  "range-beyond": rangeBeyond,
  "range-sizes": rangeSizes,
  "range-texts": rangeTexts,
} as const
