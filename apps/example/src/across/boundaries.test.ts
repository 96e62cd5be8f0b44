import { checkBody } from "@pictor/bedrock-emulator"
import {
  createPictor,
  type ImageRequest,
  isImageError,
  type JsonObject,
  type Plan,
} from "@pictor/core"
import { describe, expect, test } from "vitest"
import boundaries from "./boundaries.json" with { type: "json" }
import { familiesOn, nowhere } from "./families.ts"

/**
 * Written by hand from the pages of the models, neither from the cards nor from the emulator's
 * schemas.
 */
interface Row {
  readonly wire: string | readonly string[]
  readonly field?: string
  readonly unit?: string
  readonly below?: number
  readonly min?: number
  readonly max?: number
  readonly above?: number
  readonly valid?: readonly string[]
  readonly wrong?: readonly string[]
  readonly plan?: string
}

const pictor = createPictor({ adapters: familiesOn(nowhere) })

/** A copy of the body with one value changed; keys that are numbers go into lists. */
const withValue = (body: unknown, path: readonly string[], value: unknown): unknown => {
  const [head, ...rest] = path
  if (head === undefined) return value
  if (Array.isArray(body))
    return body.map((each: unknown, index) =>
      String(index) === head ? withValue(each, rest, value) : each,
    )
  const record = (body ?? {}) as JsonObject
  return { ...record, [head]: withValue(record[head], rest, value) }
}

const bodyWith = (body: unknown, { wire, unit }: Row, value: unknown): unknown => {
  if (typeof wire === "string")
    return withValue(
      body,
      wire.split("."),
      unit === "characters" ? "x".repeat(value as number) : value,
    )
  const sides = String(value).split("x").map(Number)
  return wire.reduce<unknown>(
    (made, path, side) => withValue(made, path.split("."), sides[side]),
    body,
  )
}

const valid = ({ min, max, valid: words = [] }: Row): readonly unknown[] =>
  [min, max, ...words].filter((value) => value !== undefined)
const wrong = ({ below, above, wrong: words = [] }: Row): readonly unknown[] =>
  [below, above, ...words].filter((value) => value !== undefined)

const requestOf = (model: string, { field = "", unit }: Row, value: unknown): ImageRequest => ({
  model,
  prompt: "tea",
  seed: 7,
  [field]: unit === "characters" ? "x".repeat(value as number) : value,
})

const cases = boundaries.families.flatMap(({ models, body, rows }) =>
  models.flatMap((model) =>
    (rows as readonly Row[]).map((row) => ({ model, body, row, at: String(row.wire) })),
  ),
)

describe.each(cases)("$model $at", ({ model, body, row }) => {
  test.each(valid(row).map((value) => ({ value })))(
    "the emulator takes $value, and the plan sends it",
    async ({ value }) => {
      const raw = bodyWith(body, row, value)
      expect(checkBody(model, raw)).toEqual([])
      if (row.field === undefined) return
      const plan = await pictor.plan(requestOf(model, row, value))
      expect(bodyWith(plan.calls[0]?.body, row, value)).toEqual(plan.calls[0]?.body)
      expect(
        plan.changes.filter(({ action }) => action !== "mapped" && action !== "split"),
      ).toEqual([])
    },
  )

  test.each(wrong(row).map((value) => ({ value })))("the emulator refuses $value", ({ value }) => {
    expect(checkBody(model, bodyWith(body, row, value))).not.toEqual([])
  })

  test.each(row.field === undefined ? [] : wrong(row).map((value) => ({ value })))(
    `the plan ${row.plan} $value`,
    async ({ value }) => {
      const planned: Plan | Error = await pictor
        .plan(requestOf(model, row, value))
        .catch((error: Error) => error)
      if (row.plan === "refuses") {
        expect(
          isImageError(planned, "invalid_request") && planned.issues?.map(({ path }) => path),
        ).toEqual([row.field])
        return
      }
      expect(planned).not.toBeInstanceOf(Error)
      expect((planned as Plan).changes.map(({ field }) => field)).toContain(row.field)
      for (const call of (planned as Plan).calls) expect(checkBody(model, call.body)).toEqual([])
    },
  )
})
