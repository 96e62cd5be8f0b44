import fc from "fast-check"
import { isImageError } from "../contract/errors.ts"
import type { Budget, Ledger, Reservation, Settlement } from "../contract/ledger.ts"
import { ledgerModel } from "./ledger-model.ts"

export const dayMs = 86_400_000

/** A Sunday evening, one day before the month ends. */
export const sundayMs = Date.parse("2026-11-29T23:58:00.000Z")

const cost = fc.oneof(
  fc
    .integer({ min: 0, max: 90 })
    .map((microUsd) => ({ microUsd, maybeMicroUsd: 0, unpricedImages: 0 })),
  fc.constantFrom(
    { microUsd: 0, maybeMicroUsd: 0, unpricedImages: 1 },
    { microUsd: 40, maybeMicroUsd: 40, unpricedImages: 0 },
  ),
)

const settlement: fc.Arbitrary<Settlement> = fc.record({
  cost,
  delivered: fc.integer({ min: 0, max: 4 }),
})

const reservation: fc.Arbitrary<Reservation> = fc.record({
  rows: fc.array(
    fc.record({
      model: fc.constantFrom("a", "b"),
      task: fc.constantFrom("text-to-image", "inpaint"),
      images: fc.integer({ min: 0, max: 3 }),
      cost,
    }),
    { minLength: 1, maxLength: 3 },
  ),
  account: fc.record(
    { key: fc.constantFrom("k1", "k2"), team: fc.constantFrom("red", "blue") },
    { requiredKeys: [] },
  ),
  tags: fc.dictionary(fc.constantFrom("project", "stage"), fc.constantFrom("x", "y"), {
    maxKeys: 2,
  }),
})

const budget: fc.Arbitrary<Budget> = fc.record(
  {
    scope: fc.constantFrom<Budget["scope"]>(
      { everything: true },
      { key: "k1" },
      { team: "red" },
      { tag: "project" },
      { tag: "project=x" },
      { model: "a" },
    ),
    window: fc.constantFrom<Budget["window"]>(
      "total",
      "day",
      "week",
      "month",
      { rollingMs: 90_000 },
      { rollingMs: 3 * dayMs },
    ),
    hard: fc.record(
      { microUsd: fc.integer({ min: 0, max: 600 }), images: fc.integer({ min: 0, max: 25 }) },
      { requiredKeys: [] },
    ),
    allowUnknown: fc.boolean(),
  },
  { requiredKeys: ["scope", "window"] },
)

const row = fc.nat({ max: 60 })

const action = fc.oneof(
  fc.record({ kind: fc.constantFrom("sent", "renew", "release") }),
  fc.record({ kind: fc.constant("settle"), settlement }),
  fc.record({ kind: fc.constant("hold"), settlement: fc.option(settlement, { nil: undefined }) }),
  fc.record({ kind: fc.constant("resolve"), verdict: fc.constantFrom("spent", "unspent") }),
)

const anyStep = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("reserve"), reservation }) },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant("act"), row, action }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("wait"),
      waitMs: fc.constantFrom(1, 29_999, 30_000, 60_000, 3_600_000, dayMs, 6 * dayMs),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("budget"), budget }) },
)

/** Budgets, then operations; `row` picks an earlier row. */
export const script = fc.record({
  budgets: fc.array(budget, { maxLength: 6 }),
  steps: fc.array(anyStep, { minLength: 10, maxLength: 60 }),
})

type Script = typeof script extends fc.Arbitrary<infer Each> ? Each : never
type Model = ReturnType<typeof ledgerModel>
type Act = Parameters<Model["act"]>[1]

/** `done`, or the code of its error. */
export const codeOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work
    return "done"
  } catch (error) {
    if (isImageError(error)) return error.code
    throw error
  }
}

export const perform = (ledger: Ledger, id: string, act: Act): Promise<void> => {
  if (act.kind === "settle") return ledger.settle(id, act.settlement)
  if (act.kind === "hold") return ledger.hold(id, act.settlement)
  if (act.kind === "resolve") return ledger.resolve(id, act.verdict)
  return ledger[act.kind](id)
}

const sorted = (rows: readonly { readonly group: object }[]): readonly unknown[] =>
  rows.map((each) => JSON.stringify(each)).toSorted()

const sums = ({
  group,
  calls,
  images,
  microUsd,
  maybeMicroUsd,
  unpricedImages,
}: Awaited<ReturnType<Ledger["spend"]>>[number]) => ({
  group,
  calls,
  images,
  microUsd,
  maybeMicroUsd,
  unpricedImages,
})

/** Plays a script on a ledger and on the model; returns their first difference. */
export const firstDifference = async (
  create: (now: () => number) => Ledger | Promise<Ledger>,
  { budgets, steps }: Script,
): Promise<string | undefined> => {
  let nowMs = sundayMs
  const ledger = await create(() => nowMs)
  const model = ledgerModel()
  const ids: string[] = []
  const all = [...budgets.map((each) => ({ kind: "budget" as const, budget: each })), ...steps]
  try {
    for (const [place, each] of all.entries()) {
      const [found, wanted] = await play(ledger, model, ids, each, nowMs)
      if (found !== wanted) return `step ${place} (${each.kind}): ${found} in place of ${wanted}`
      if ("waitMs" in each) nowMs += each.waitMs
      const mine = sorted(
        (await ledger.spend({ by: ["model", "state", "key", "day", "tag:project"] })).map(sums),
      )
      const theirs = sorted(
        model.spend(nowMs, (one) => ({
          model: one.model,
          state: one.state,
          ...pick("key", one.account["key"]),
          day: new Date(one.timeMs).toISOString().slice(0, 10),
          ...pick("tag:project", one.tags["project"]),
        })),
      )
      if (mine.join() !== theirs.join())
        return `sums after step ${place} (${each.kind}): ${mine.join()} in place of ${theirs.join()}`
    }
    return undefined
  } finally {
    await ledger.close()
  }
}

/** The parts of a script. */
export type Step =
  | { readonly kind: "wait"; readonly waitMs: number }
  | { readonly kind: "budget"; readonly budget: Budget }
  | { readonly kind: "reserve"; readonly reservation: Reservation }
  | { readonly kind: "act"; readonly row: number; readonly action: Act }

const pick = (name: string, value: string | undefined): Readonly<Record<string, string>> =>
  value === undefined ? {} : { [name]: value }

const play = async (
  ledger: Ledger,
  model: Model,
  ids: string[],
  step: Step,
  nowMs: number,
): Promise<readonly [string, string]> => {
  if (step.kind === "budget") {
    await ledger.setBudget(step.budget)
    model.setBudget(step.budget)
  }
  if (step.kind === "reserve") {
    const wanted = model.admits(step.reservation, nowMs) ? "done" : "budget_exceeded"
    const found = await codeOf(
      ledger.reserve(step.reservation).then((reserved) => {
        ids.push(...reserved.ids)
        if (wanted === "done") model.reserve(reserved.ids, step.reservation, nowMs)
      }),
    )
    return [found, wanted]
  }
  const id = step.kind === "act" ? ids[step.row % ids.length] : undefined
  if (step.kind !== "act" || id === undefined) return ["done", "done"]
  const wanted = model.act(id, step.action, nowMs) ? "done" : "invalid_request"
  return [await codeOf(perform(ledger, id, step.action)), wanted]
}
