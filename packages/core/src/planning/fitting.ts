import type { ModelCard } from "../contract/card.ts"
import { type Issue, imageError } from "../contract/errors.ts"
import type { Change, Plan, Resolved } from "../contract/plan.ts"
import type { ImageRequest, JsonObject } from "../contract/request.ts"
import { checkBodySize } from "../inputs/body-size.ts"
import { withJson } from "../inputs/plan-json.ts"
import { type Prepared, prepare } from "../inputs/prepare.ts"
import { lifecycleOn } from "../models/lifecycle.ts"
import { lifecycleNote } from "../models/lifecycle-note.ts"
import type { Target } from "../models/registry.ts"
import { numberFrom, oneOf, type Rule } from "../models/rule.ts"
import { writtenOut } from "../sending/recipe.ts"
import { withOwn } from "../sending/recipe-inputs.ts"
import { memo } from "../tools/memo.ts"
import { times } from "../tools/records.ts"
import { absorb } from "./absorb.ts"
import { fitSettings } from "./fit.ts"
import { fitFrame } from "./frame.ts"
import { createNotes, type Notes } from "./notes.ts"
import type { Fitted, PlanningRules } from "./planner.ts"
import { quoteFor } from "./price.ts"
import { ratesByPixels } from "./rates.ts"
import { checkSayings, overruled } from "./says.ts"
import { planSeeds } from "./seeds.ts"
import { checkInputs, checkPlaces, checkSettings, isTask, takesInputs } from "./task-fields.ts"
import { withoutImages } from "./without-images.ts"
import { fitWords } from "./words.ts"

const refuse = (card: string, issues: readonly Issue[]): never => {
  const [first, ...more] = issues
  const code = issues.every((issue) => issue.code === "unsupported")
    ? "unsupported"
    : "invalid_request"
  const others =
    more.length > 0 ? ` And ${more.length} more: ${more.map(({ path }) => path).join(", ")}.` : ""
  throw imageError(code, `${card}: ${first?.message}${others}`, { issues })
}

const countOf = (given: unknown, maxImages: number, notes: Notes): number => {
  return given !== undefined && notes.check("n", numberFrom(1, maxImages, true), given)
    ? (given as number)
    : 1
}

/** Images of each call, in order. */
const splitOf = (count: number, imagesPerCall: number, notes: Notes): readonly number[] => {
  const split = times(Math.ceil(count / imagesPerCall), (call) =>
    Math.min(imagesPerCall, count - call * imagesPerCall),
  )
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

const checkLifecycle = (
  card: ModelCard,
  date: string,
  rule: "warn" | "refuse",
  notes: Notes,
): void => {
  const status = lifecycleOn(card, date)
  const note = lifecycleNote(card, status)
  if (note === undefined) return
  if (status === "retired" && rule === "refuse") throw imageError("model_retired", note)
  notes.warnings.push(note)
}

const taskRule = memo(({ tasks }: ModelCard): Rule => oneOf(Object.keys(tasks)))

const readTask = (
  request: ImageRequest & JsonObject,
  card: ModelCard,
  maxImages: number,
  notes: Notes,
) => {
  const { task } = request
  const mine = taskRule(card)
  const isKnown = task === undefined || isTask(task)
  if (!isKnown) notes.check("task", mine, task)
  const absorbed = absorb(
    isKnown ? request : ({ ...request, task: undefined } as unknown as ImageRequest & JsonObject),
    card,
    notes,
  )
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

/** The request in the model's words and numbers, with everything that differs from what was asked. Refuses all that is wrong, at once. */
export const fit = async (
  request: ImageRequest,
  target: Target,
  date: string,
  rules: PlanningRules,
  before: { readonly changes: readonly Change[]; readonly warnings: readonly string[] },
): Promise<Fitted> => {
  const { card } = target
  const notes = createNotes(request.policy === "strict", [...before.changes], [...before.warnings])
  checkLifecycle(card, date, rules.lifecycle, notes)
  const asked = readTask(request as ImageRequest & JsonObject, card, rules.maxImages, notes)
  const { task, count, options, ready } = asked
  const { taskCard, fields } = overruled(asked.taskCard, asked.fields, options, notes)
  const settings = fitSettings(taskCard, fields, notes)
  const quote = await quoteFor(target, task, settings, rules.prices, date)
  const frame = fitFrame(taskCard, fields, ratesByPixels(quote), notes)
  const isWords = !takesInputs(taskCard)
  const prepared = isWords
    ? noInputs
    : await prepare(fields, taskCard, ready, { ops: rules.images, notes })
  const present = { ...settings, ...prepared.fields, ...fields }
  checkPlaces(present, taskCard, notes)
  checkSayings(present, options, ready, taskCard, notes)
  const resolved: Resolved = {
    ...fitWords(taskCard, fields, notes),
    ...frame,
    ...settings,
    ...prepared.fields,
  }
  const split = splitOf(count, taskCard.imagesPerCall ?? 1, notes)
  const seeds = planSeeds(taskCard, fields["seed"], split.length, rules.runtime.random, notes)
  refuseIssues(notes, card.id)
  const { image } = resolved
  const outputSize =
    frame.size ??
    (taskCard.output === "input" && image
      ? { width: image.width, height: image.height }
      : undefined)
  const finish = (plan: Plan): Plan => {
    checkBodySize(plan.calls, prepared.fields, target.adapter.transport, notes)
    refuseIssues(notes, card.id)
    return withJson(plan)
  }
  const { given } = prepared
  const drawn = {
    task,
    n: count,
    resolved,
    options,
    outputSize,
    split,
    seeds,
    changes: notes.changes,
    warnings: notes.warnings,
  }
  const recipe = withOwn(writtenOut(task, withoutImages(resolved)), options, given, ready, taskCard)
  const fitted = { ...drawn, quote, given, ready, recipe, request: withoutImages(request) }
  return isWords ? fitted : { ...fitted, finish }
}
