import type { Draft } from "../contract/adapter.ts"
import type { ConfiguredPrice, FieldName, ModelCard } from "../contract/card.ts"
import { type Issue, imageError } from "../contract/errors.ts"
import type { Change, Plan, PlannedCall, Resolved } from "../contract/plan.ts"
import type { ImageOps } from "../contract/ports.ts"
import type { ImageRequest, Loose, Task } from "../contract/request.ts"
import type { Runtime } from "../contract/runtime.ts"
import type { Prepared } from "../inputs/prepare.ts"
import { lifecycleNote, lifecycleOn } from "../models/lifecycle.ts"
import type { Target } from "../models/registry.ts"
import { numberFrom, oneOf } from "../models/rule.ts"
import { defined } from "../tools/defined.ts"
import { onDemand } from "../tools/load.ts"
import type { Absorbed } from "./absorb.ts"
import { fitSettings } from "./fit.ts"
import { fitFrame } from "./frame.ts"
import { createNotes, type Notes } from "./notes.ts"
import { costOf, findPrice, foreignRate, microUsdOf, type Priced, type Rate, ratesByPixels, rowsFor } from "./price.ts"
import { planSeeds } from "./seeds.ts"
import { area } from "./sizes.ts"
import { checkInputs, checkPlaces, checkSettings, isTask, takesInputs } from "./task-fields.ts"
import { fitWords } from "./words.ts"

export interface PlanningRules {
  readonly prices: readonly ConfiguredPrice[]
  readonly maxImages: number
  readonly lifecycle: "warn" | "refuse"
  readonly runtime: Runtime
  readonly images: ImageOps | undefined
}

/** A plan, and what a client keeps of how it came about. */
export interface Planned {
  readonly plan: Plan
  readonly target: Target
  /** Micro-USD of one image; undefined where nobody knows. */
  readonly price: number | undefined
  /** The row that says so. */
  readonly row: Rate | undefined
  /** The input images as they were given, by field. */
  readonly given: Prepared["given"]
  /** Fields that came in the model's own polarity. */
  readonly ready: readonly FieldName[]
  readonly request: ImageRequest
}

const refuse = (card: string, issues: readonly Issue[]): never => {
  const [first, ...more] = issues
  const code = issues.every((issue) => issue.code === "unsupported") ? "unsupported" : "invalid_request"
  const others = more.length > 0 ? ` And ${more.length} more: ${more.map(({ path }) => path).join(", ")}.` : ""
  throw imageError(code, `${card}: ${first?.message}${others}`, { issues })
}

const countOf = (given: unknown, maxImages: number, notes: Notes): number => {
  return given !== undefined && notes.check("n", numberFrom(1, maxImages, true), given) ? (given as number) : 1
}

/** Images of each call, in order. */
const splitOf = (count: number, imagesPerCall: number, notes: Notes): readonly number[] => {
  const split = Array.from({ length: Math.ceil(count / imagesPerCall) }, (_, call) => Math.min(imagesPerCall, count - call * imagesPerCall))
  if (split.length > 1)
    notes.change({
      field: "n",
      action: "split",
      from: count,
      to: split,
      why: `images of a call, at most: ${imagesPerCall}`,
    })
  return split
}

const checkLifecycle = (card: ModelCard, date: string, rule: "warn" | "refuse", notes: Notes): void => {
  const status = lifecycleOn(card, date)
  const note = lifecycleNote(card, status)
  if (note === undefined) return
  if (status === "retired" && rule === "refuse") throw imageError("model_retired", note)
  notes.warnings.push(note)
}

const callsOf = (
  { adapter, card, modelId, region }: Target,
  split: readonly number[],
  seeds: readonly number[],
  draft: Omit<Draft, "card" | "count" | "seed">,
): readonly PlannedCall[] => {
  let slot = 0
  return split.map((count, call) => {
    const seed = defined({ seed: seeds[call] })
    const body = adapter.encode({ ...draft, card, count, ...seed })
    return { model: card.id, modelId, ...defined({ region }), body, ...seed, slots: Array.from({ length: count }, () => slot++) }
  })
}

interface Quote {
  readonly row: (pixels: number | undefined) => Rate | undefined
  readonly rate: (pixels: number) => number | undefined
}

/** How an image of the given pixels is priced, with the settings that are planned. */
const quoteFor = async (target: Target, task: Task, settings: Loose, prices: PlanningRules["prices"], date: string): Promise<Quote> => {
  const rows = rowsFor(target.card, target.modelId, target.listed, prices)
  const byRegion = rows.some(({ region }) => region !== undefined)
  const region = byRegion ? ((await target.adapter.transport.region?.(target.region)) ?? target.region) : undefined
  const common: Priced = { task, ...(settings as Pick<Priced, "quality" | "steps">), date, region }
  return { row: (pixels) => findPrice(rows, { ...common, pixels }), rate: ratesByPixels(rows, common) }
}

type Absorb = (request: ImageRequest & Loose, card: ModelCard, notes: Notes) => Absorbed

const absorbNothing: Absorb = (fields) => ({ task: fields.task ?? "text-to-image", fields, options: {}, ready: [] })

const readTask = ({ task, ...request }: ImageRequest & Loose, card: ModelCard, absorb: Absorb, maxImages: number, notes: Notes) => {
  const mine = oneOf(Object.keys(card.tasks))
  const isKnown = task === undefined || isTask(task)
  if (!isKnown) notes.check("task", mine, task)
  const absorbed = absorb({ ...request, ...(isKnown && defined({ task })) } as ImageRequest & Loose, card, notes)
  const taskCard = card.tasks[absorbed.task]
  if (isKnown) notes.check("task", mine, absorbed.task, "unsupported")
  checkSettings(absorbed.fields, notes)
  if (taskCard) checkInputs(absorbed.fields, absorbed.task, taskCard, notes)
  const count = countOf(absorbed.fields["n"], maxImages, notes)
  return isKnown && taskCard ? { ...absorbed, taskCard, count } : refuse(card.id, notes.issues)
}

const noInputs: Prepared = { fields: {}, given: {} }

const refuseIssues = ({ issues }: Notes, model: string): void => {
  if (issues.length > 0) refuse(model, issues)
}

/** What will be drawn: the request in the model's words and numbers, with what it takes to send and to price that. */
const fitted = async (request: ImageRequest, target: Target, rules: PlanningRules, notes: Notes) => {
  const { card } = target
  const date = new Date(rules.runtime.now()).toISOString().slice(0, 10)
  checkLifecycle(card, date, rules.lifecycle, notes)
  const own = request.options === undefined ? undefined : await onDemand()
  const asked = readTask(request as ImageRequest & Loose, card, own?.absorb ?? absorbNothing, rules.maxImages, notes)
  const { task, options, ready } = asked
  const { taskCard, fields } = own?.overruled(asked.taskCard, asked.fields, options, notes) ?? asked
  const settings = fitSettings(taskCard, fields, notes)
  const price = await quoteFor(target, task, settings, rules.prices, date)
  const frame = fitFrame(taskCard, fields, price.rate, notes)
  const inputs = takesInputs(taskCard) ? await onDemand() : undefined
  const prepared = (await inputs?.prepare(fields, taskCard, ready, { ops: rules.images, notes })) ?? noInputs
  const given = { ...settings, ...prepared.fields, ...fields }
  checkPlaces(given, taskCard, notes)
  own?.checkSayings(given, options, ready, taskCard, notes)
  const resolved: Resolved = { ...fitWords(taskCard, fields, notes), ...frame, ...settings, ...prepared.fields }
  const split = splitOf(asked.count, taskCard.imagesPerCall ?? 1, notes)
  const seeds = planSeeds(taskCard, fields["seed"], split.length, rules.runtime.random, notes)
  refuseIssues(notes, card.id)
  const calls = callsOf(target, split, seeds, { task, fields: resolved, options })
  inputs?.checkBodySize(calls, prepared.fields, target.adapter.transport, notes)
  refuseIssues(notes, card.id)
  const { image } = resolved
  const outputSize = frame.size ?? (taskCard.output === "input" && image ? { width: image.width, height: image.height } : undefined)
  const row = price.row(outputSize && area(outputSize))
  return { drawn: { task, n: asked.count, resolved, options, ...defined({ outputSize }), calls }, row, inputs, given: prepared.given, ready }
}

/** One request and one model → what will be sent, what it costs, and what differs from what was asked. Pure but for the drawn seed. */
export const planRequest = async (request: ImageRequest, target: Target, rules: PlanningRules, altered: readonly Change[] = []): Promise<Planned> => {
  const { card, adapter, modelId } = target
  const notes = createNotes(request.policy === "strict", [...altered, ...target.changes], [...target.warnings])
  const { drawn, row, inputs, given, ready } = await fitted(request, target, rules, notes)
  const price = microUsdOf(row)
  const foreign = foreignRate(row)
  const known = foreign === undefined ? ". Give it in createPictor({ prices })" : ` in USD: ${foreign}`
  if (price === undefined) notes.warnings.push(`The price of ${modelId} is unknown${known}.`)
  const plan: Plan = {
    adapter: adapter.alias ?? adapter.name,
    model: card.id,
    ...drawn,
    slots: drawn.calls.flatMap(({ slots }, call) => slots.map((_, index) => ({ call, index }))),
    changes: notes.changes,
    warnings: notes.warnings,
    estimate: costOf(price, drawn.n),
  }
  return {
    plan: inputs?.withJson(plan) ?? plan,
    target,
    price,
    given,
    ready,
    request,
    row,
  }
}
