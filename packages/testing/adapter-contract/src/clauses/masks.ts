import type { Parameter, Plan } from "@pictor/core"
import { at, nested, toSent } from "../body.ts"
import { clientOf, failureOf } from "../client.ts"
import type { Clause, Context } from "../contract.ts"
import { drawMask, imageOps } from "../image-ops.ts"
import { type InputCase, inputCasesOf, requestOf } from "../input-cases.ts"
import { sideOf } from "../input-samples.ts"
import { toBase64 } from "../png.ts"

interface Masked {
  readonly inputCase: InputCase
  readonly place: string
  readonly parameter: Extract<Parameter, { readonly kind: "mask" }>
  readonly mask: Uint8Array
}

/** The cases with a mask. */
const maskedOf = (context: Context): readonly Masked[] =>
  inputCasesOf(context).flatMap((inputCase) => {
    const { parameter } = inputCase.inputs["mask"] ?? {}
    if (parameter?.kind !== "mask" || typeof parameter.path !== "string") return []
    const side = sideOf(inputCase.subject.taskCard)
    return [{ inputCase, parameter, place: parameter.path, mask: drawMask(side, side) }]
  })

const reportsOf = ({ changes }: Plan): readonly string[] =>
  changes.filter(({ field }) => field === "mask").map(({ action }) => action)

const isSame = (left: unknown, right: unknown): boolean =>
  JSON.stringify(left) === JSON.stringify(right)

const maskPolarity: Clause = async (context) => {
  const { expect } = context
  for (const { inputCase, parameter, place, mask } of maskedOf(context)) {
    const { label, subject } = inputCase
    const { change } = parameter
    const { taskCard } = subject
    const remade = {
      white: async () => mask,
      black: () => imageOps.invertMask(mask),
      transparent: () => imageOps.maskToAlpha(mask),
    }
    const wanted = toSent(parameter, taskCard, await remade[change]())
    const plan = await clientOf(context, subject).plan(requestOf(inputCase, { mask }))
    for (const { body } of plan.calls)
      expect(
        isSame(at(body, place), wanted),
        `${label}: the mask at ${place}, where ${change} is the area to change`,
      ).toBe(true)
    expect(reportsOf(plan), `${label}: changes of the mask`).toEqual(
      change === "white" ? [] : ["mapped"],
    )
    const own = await clientOf(context, subject).plan(
      requestOf(inputCase, { mask: undefined, options: nested(place, toBase64(mask)) }),
    )
    for (const { body } of own.calls)
      expect(
        isSame(at(body, place), toSent(parameter, taskCard, mask)),
        `${label}: the mask at options.${place} is unchanged`,
      ).toBe(true)
    expect(reportsOf(own), `${label}: changes of a mask at options.${place}`).toEqual([])
    if (change === "white") continue
    const bare = clientOf(context, subject, undefined, { images: null }).plan(
      requestOf(inputCase, { mask }),
    )
    const error = await failureOf(context, bare, `${label}, without image operations`)
    expect(
      [error.code, error.issues?.map(({ path }) => path)],
      `${label}, without image operations`,
    ).toEqual(["unsupported", ["mask"]])
  }
}

const directed = ["strength", "controlStrength"] as const

const round6 = (value: number): number => Math.round(value * 1e6) / 1e6

const strengthDirection: Clause = async (context) => {
  const { expect } = context
  for (const inputCase of inputCasesOf(context))
    for (const field of directed) {
      const parameter = inputCase.subject.taskCard.fields[field]
      if (parameter?.kind !== "range" || typeof parameter.path !== "string") continue
      const { min, max, path, inverted } = parameter
      const values = [min, round6((min + max) / 3), max]
      const standard =
        parameter.default === undefined ? [] : [[undefined, parameter.default] as const]
      for (const [requested, sent] of [
        ...standard,
        ...values.map((value) => [inverted ? round6(1 - value) : value, value] as const),
      ]) {
        const { calls, changes } = await clientOf(context, inputCase.subject).plan(
          requestOf(inputCase, { [field]: requested }),
        )
        const label = `${inputCase.label}: ${field} ${String(requested)}`
        for (const { body } of calls)
          expect(at(body, path), `${label} of the body, at ${path}`).toBe(sent)
        expect(
          changes.filter((change) => change.field === field),
          `${label}: changes`,
        ).toEqual([])
      }
    }
}

export const maskClauses = {
  "mask-polarity": maskPolarity,
  "strength-direction": strengthDirection,
} as const
