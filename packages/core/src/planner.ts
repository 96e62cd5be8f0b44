import { absorb } from "./absorb.ts"
import type { Draft } from "./adapter.ts"
import { checkBodySize } from "./body-size.ts"
import type { ConfiguredPrice, FieldName } from "./card.ts"
import { defined } from "./defined.ts"
import { ImageError, type Issue } from "./errors.ts"
import { fitSettings } from "./fit.ts"
import { fitFrame } from "./frame.ts"
import { lifecycleNote, lifecycleOn } from "./lifecycle.ts"
import { givenAs, quote } from "./nearest.ts"
import { createNotes, type Notes } from "./notes.ts"
import type { Change, Plan, PlannedCall, Resolved, Size } from "./plan.ts"
import { withJson } from "./plan-json.ts"
import type { ImageOps } from "./ports.ts"
import { type Prepared, prepare } from "./prepare.ts"
import { costOf, findPrice, foreignRate, microUsdOf, type Priced, type Rate, ratesByPixels, rowsFor } from "./price.ts"
import type { Target } from "./registry.ts"
import type { ImageRequest, Loose, Task } from "./request.ts"
import { checkSayings, overruled } from "./says.ts"
import { planSeeds } from "./seeds.ts"
import { area } from "./sizes.ts"
import { checkInputs, checkPlaces, checkSettings, isTask } from "./task-fields.ts"
import { fitWords } from "./words.ts"

export interface PlanningRules {
  readonly prices: readonly ConfiguredPrice[]
  readonly maxImages: number
  readonly lifecycle: "warn" | "refuse"
  readonly now: () => number
  readonly random: () => number
  readonly images: ImageOps | undefined
}

/** A plan, and what a client keeps of how it came about. */
export interface Planned {
  readonly plan: Plan
  readonly target: Target
  /** Micro-USD of one image; undefined where nobody knows. */
  readonly price: number | undefined
  readonly priceSource?: string
  /** The input images as they were given, by field. */
  readonly given: Prepared["given"]
  /** Fields that came in the model's own polarity. */
  readonly ready: readonly FieldName[]
  readonly request: ImageRequest
}

const refuse = (card: string, issues: readonly Issue[]): never => {
  const [first, ...more] = issues
  const code = issues.every((issue) => issue.code === "unsupported") ? "unsupported" : "invalid_request"
  throw new ImageError({
    code,
    message: `${card}: ${first?.message ?? ""}${more.length > 0 ? ` And ${more.length} more: ${more.map(({ path }) => path).join(", ")}.` : ""}`,
    issues,
  })
}

const countOf = (given: unknown, maxImages: number, notes: Notes): number => {
  if (given === undefined) return 1
  if (Number.isInteger(given) && (given as number) >= 1 && (given as number) <= maxImages) return given as number
  notes.invalid("n", `n must be a whole number from 1 to ${maxImages}.`, `a whole number from 1 to ${maxImages}`, givenAs(given))
  return 1
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
      why: `a call makes at most ${imagesPerCall} image${imagesPerCall === 1 ? "" : "s"}`,
    })
  return split
}

const checkLifecycle = ({ card }: Target, date: string, rule: "warn" | "refuse", notes: Notes): void => {
  const status = lifecycleOn(card, date)
  const note = lifecycleNote(card, status)
  if (note === undefined) return
  if (status === "retired" && rule === "refuse") throw new ImageError({ code: "model_retired", message: note })
  notes.warnings.push(note)
}

const callsOf = (
  target: Target,
  split: readonly number[],
  seeds: readonly number[],
  draft: Omit<Draft, "count" | "seed">,
): readonly PlannedCall[] => {
  let slot = 0
  return split.map((count, call) => {
    const seed = seeds[call] === undefined ? {} : { seed: seeds[call] }
    return {
      model: target.card.id,
      modelId: target.modelId,
      ...(target.region === undefined ? {} : { region: target.region }),
      body: target.adapter.encode({ ...draft, count, ...seed }),
      ...seed,
      slots: Array.from({ length: count }, () => slot++),
    }
  })
}

interface Quote {
  readonly row: (pixels: number | undefined) => Rate | undefined
  readonly rate: (pixels: number) => number | undefined
}

/** How an image of the given pixels is priced, with the settings that are planned. */
const quoteFor = async (target: Target, task: Task, settings: Loose, rules: PlanningRules, date: string): Promise<Quote> => {
  const rows = rowsFor(target.card, target.modelId, target.listed, rules.prices)
  const byRegion = rows.some(({ region }) => region !== undefined)
  const region = byRegion ? ((await target.adapter.transport.region?.(target.region)) ?? target.region) : undefined
  const common: Priced = { task, ...(settings as Pick<Priced, "quality" | "steps">), ...(region === undefined ? {} : { region }), date }
  return { row: (pixels) => findPrice(rows, pixels === undefined ? common : { ...common, pixels }), rate: ratesByPixels(rows, common) }
}

const readTask = ({ task, ...request }: ImageRequest & Loose, { card }: Target, maxImages: number, notes: Notes) => {
  const allowed = Object.keys(card.tasks).join(", ")
  const isKnown = task === undefined || isTask(task)
  if (!isKnown) notes.invalid("task", `there is no task ${quote(task)}.`, allowed, givenAs(task))
  const absorbed = absorb({ ...request, ...(isKnown && defined({ task })) } as ImageRequest, card, notes)
  const taskCard = card.tasks[absorbed.task]
  if (isKnown && !taskCard) notes.unsupported("task", `${card.id} has no task ${quote(absorbed.task)}; it has ${allowed}.`, allowed, absorbed.task)
  checkSettings(absorbed.fields, notes)
  if (taskCard) checkInputs(absorbed.fields, absorbed.task, taskCard, card.id, notes)
  const count = countOf(absorbed.fields["n"], maxImages, notes)
  return isKnown && taskCard ? { ...absorbed, taskCard, count } : refuse(card.id, notes.issues)
}

interface Fitted {
  readonly task: Task
  readonly resolved: Resolved
  readonly options: Loose
  readonly calls: readonly PlannedCall[]
  readonly row: Rate | undefined
  readonly outputSize: Size | undefined
  readonly given: Prepared["given"]
  readonly ready: readonly FieldName[]
}

const fitted = async (request: ImageRequest, target: Target, rules: PlanningRules, date: string, notes: Notes): Promise<Fitted> => {
  const { card } = target
  const { task, options, count, ready, ...asked } = readTask(request as ImageRequest & Loose, target, rules.maxImages, notes)
  const { taskCard, fields } = overruled(asked.taskCard, asked.fields, options, notes)
  const settings = fitSettings(taskCard, fields, card.id, notes)
  const price = await quoteFor(target, task, settings, rules, date)
  const frame = fitFrame(taskCard, fields, price.rate, card.id, notes)
  const prepared = await prepare(fields, taskCard, ready, { model: card.id, ops: rules.images, notes })
  const given = { ...settings, ...prepared.fields, ...fields }
  checkPlaces(given, taskCard, card.id, notes)
  checkSayings(given, options, ready, taskCard, card.id, notes)
  const resolved: Resolved = { ...fitWords(taskCard, fields, card.id, notes), ...frame, ...settings, ...prepared.fields }
  const split = splitOf(count, taskCard.imagesPerCall ?? 1, notes)
  const seeds = planSeeds(taskCard, fields["seed"], split.length, rules.random, card.id, notes)
  if (notes.issues.length > 0) refuse(card.id, notes.issues)
  const calls = callsOf(target, split, seeds, { card, task, fields: resolved, options })
  checkBodySize(calls, prepared.fields, target.adapter.transport, notes)
  if (notes.issues.length > 0) refuse(card.id, notes.issues)
  const { image } = resolved
  const outputSize = frame.size ?? (taskCard.output === "input" && image ? { width: image.width, height: image.height } : undefined)
  return { task, resolved, options, calls, row: price.row(outputSize && area(outputSize)), outputSize, given: prepared.given, ready }
}

/** One request and one model → what will be sent, what it costs, and what differs from what was asked. Pure but for the drawn seed. */
export const planRequest = async (request: ImageRequest, target: Target, rules: PlanningRules, altered: readonly Change[] = []): Promise<Planned> => {
  const { card, adapter } = target
  const notes = createNotes(request.policy === "strict")
  notes.changes.push(...altered, ...target.changes)
  notes.warnings.push(...target.warnings)
  const date = new Date(rules.now()).toISOString().slice(0, 10)
  checkLifecycle(target, date, rules.lifecycle, notes)
  const { task, resolved, options, calls, row, outputSize, given, ready } = await fitted(request, target, rules, date, notes)
  const price = microUsdOf(row)
  const foreign = foreignRate(row)
  if (price === undefined)
    notes.warnings.push(
      foreign === undefined
        ? `Nobody has told the price of ${target.modelId}: it is counted as unknown. Give it in createPictor({ prices }).`
        : `The price of ${target.modelId} is ${foreign}: what is not in USD is in no sum and counts as unknown.`,
    )
  const slots = calls.flatMap((planned, call) => planned.slots.map((_, index) => ({ call, index })))
  const plan: Plan = {
    adapter: adapter.alias ?? adapter.name,
    model: card.id,
    task,
    n: slots.length,
    resolved,
    options,
    ...defined({ outputSize }),
    calls,
    slots,
    changes: notes.changes,
    warnings: notes.warnings,
    estimate: costOf(price, slots.length),
  }
  return {
    plan: withJson(plan, given),
    target,
    price,
    given,
    ready,
    request,
    ...defined({ priceSource: foreign === undefined ? row?.source : `${row?.source ?? ""} (${foreign})` }),
  }
}
