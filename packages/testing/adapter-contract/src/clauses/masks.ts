import type { Plan } from "@pictor/core"
import { at, nested } from "../body.ts"
import { clientOf, failureOf } from "../client.ts"
import type { Clause, Context } from "../contract.ts"
import { drawMask, imageWork } from "../image-work.ts"
import { sideOf } from "../input-samples.ts"
import { type Order, ordersOf, requestOf } from "../orders.ts"
import { toBase64 } from "../png.ts"

interface Masked {
  readonly order: Order
  readonly place: string
  readonly change: "white" | "black"
  readonly mask: Uint8Array
}

/** The orders that have a mask. */
const maskedOf = (context: Context): readonly Masked[] =>
  ordersOf(context).flatMap((order) => {
    const { parameter } = order.given["mask"] ?? {}
    if (parameter?.kind !== "mask" || typeof parameter.path !== "string") return []
    const side = sideOf(order.subject.taskCard)
    return [{ order, place: parameter.path, change: parameter.change, mask: drawMask(side, side) }]
  })

const reportsOf = ({ changes }: Plan): readonly string[] =>
  changes.filter(({ field }) => field === "mask").map(({ action }) => action)

const maskPolarity: Clause = async (context) => {
  const { expect } = context
  for (const { order, place, change, mask } of maskedOf(context)) {
    const { label, subject } = order
    const wanted = change === "black" ? await imageWork.invertMask(mask) : mask
    const plan = await clientOf(context, subject).plan(requestOf(order, { mask }))
    for (const { body } of plan.calls)
      expect(
        at(body, place) === toBase64(wanted),
        `${label}: the mask at ${place} changes what is ${change} where a request's white is`,
      ).toBe(true)
    expect(reportsOf(plan), `${label}: what is reported of the mask`).toEqual(
      change === "black" ? ["mapped"] : [],
    )
    const own = await clientOf(context, subject).plan(
      requestOf(order, { mask: undefined, options: nested(place, toBase64(mask)) }),
    )
    for (const { body } of own.calls)
      expect(
        at(body, place) === toBase64(mask),
        `${label}: a mask given at options.${place} stays as it is`,
      ).toBe(true)
    expect(reportsOf(own), `${label}: what is reported of a mask at options.${place}`).toEqual([])
    if (change === "white") continue
    const bare = clientOf(context, subject, undefined, { images: null }).plan(
      requestOf(order, { mask }),
    )
    const error = await failureOf(context, bare, `${label}, without image work`)
    expect(
      [error.code, error.issues?.map(({ path }) => path)],
      `${label}, without image work`,
    ).toEqual(["unsupported", ["mask"]])
  }
}

const directed = ["strength", "controlStrength"] as const

const round6 = (value: number): number => Math.round(value * 1e6) / 1e6

const strengthDirection: Clause = async (context) => {
  const { expect } = context
  for (const order of ordersOf(context))
    for (const field of directed) {
      const parameter = order.subject.taskCard.fields[field]
      if (parameter?.kind !== "range" || typeof parameter.path !== "string") continue
      const { min, max, path: wire, inverted } = parameter
      const values = [min, round6((min + max) / 3), max]
      const standard =
        parameter.default === undefined ? [] : [[undefined, parameter.default] as const]
      for (const [asked, sent] of [
        ...standard,
        ...values.map((value) => [inverted ? round6(1 - value) : value, value] as const),
      ]) {
        const { calls, changes } = await clientOf(context, order.subject).plan(
          requestOf(order, { [field]: asked }),
        )
        const label = `${order.label}: ${field} ${String(asked)}`
        for (const { body } of calls)
          expect(at(body, wire), `${label} of the body, at ${wire}`).toBe(sent)
        expect(
          changes.filter((change) => change.field === field),
          `${label} is reported`,
        ).toEqual([])
      }
    }
}

export const maskClauses = {
  "mask-polarity": maskPolarity,
  "strength-direction": strengthDirection,
} as const
