import type { Change, ImageRequest, JsonObject, ModelCard, Task } from "@pictor/core"
import { impliedTask, onlyPictureOf } from "@pictor/core/host"
import {
  conflicting,
  type Issue,
  invalid,
  type RequestNames,
  unknown,
  unsupported,
  unsupportedValue,
} from "./errors.ts"
import { nestFlattenedFields } from "./flattened-fields.ts"
import { typed } from "./form.ts"
import { hasHole, type ImageReading, readImage } from "./image-payload.ts"
import { type Draft, hasFile, readImages, readOwnFiles } from "./input-images.ts"
import { exceededLimit, isJsonObject, isPresent, withoutAbsent } from "./json.ts"
import { taggedNames } from "./litellm-parameters.ts"
import {
  checkTransparency,
  dropPartialImages,
  hasField,
  hasValueInTasks,
  type Models,
} from "./output-fields.ts"
import { extraNames, type Kind, type Parameter, parameters, pictorFields } from "./parameters.ts"
import { ownNamesOf } from "./public-names.ts"
import type { Body } from "./read-body.ts"
import { readTags } from "./tags.ts"

/** Known fields with a valid value. The schemas of the table guarantee these types. */
interface RequestValues {
  readonly response_format?: string
  readonly stream?: boolean
  readonly quality?: string
  readonly background?: string
  readonly user?: string
  readonly safety_identifier?: string
  readonly task?: string
  readonly drop_params?: boolean
  readonly tags?: readonly string[]
  readonly metadata?: JsonObject
  /** In seconds. */
  readonly timeout?: number
  readonly num_retries?: number
  readonly fallbacks?: readonly (string | { readonly model: string })[]
  readonly disable_fallbacks?: boolean
  readonly image?: unknown
  readonly images?: unknown
  readonly mask?: unknown
  readonly pictor?: JsonObject
}

export interface ParsedRequest extends RequestNames {
  readonly request: ImageRequest
  readonly values: RequestValues
  /** Fields of the request that have no effect. */
  readonly changes: readonly Change[]
  readonly issues: readonly Issue[]
}

interface ParseOptions extends ImageReading, Models {
  readonly kind: Kind
  readonly model: string
  readonly task?: Task | undefined
  readonly takesFallbacks: boolean
}

interface SentDraft extends Draft {
  /** Core's field → the API's field from which it was read, if that is not its usual one. */
  readonly sentAs: Map<string, string>
}

const kindOf = ({ fields }: Body): Kind => {
  const hasImages = ["image", "images", "mask"].some((name) => isPresent(fields[name]))
  return hasImages ? "edits" : "generations"
}

/**
 * Parses a body into core's request. Without a kind, its images decide. Never throws: everything
 * that is wrong is in `issues`.
 */
export const parseRequest = async (
  body: Body,
  given: Omit<ParseOptions, "kind"> & { readonly kind: Kind | undefined },
): Promise<ParsedRequest> => {
  const options: ParseOptions = { ...given, kind: given.kind ?? kindOf(body) }
  const { kind, model, findCard } = options
  const draft: SentDraft = { fields: {}, changes: [], issues: [], sentAs: new Map() }
  const { values: sent, own } = readFields(body, options, draft)
  const values = readLitellmFields(sent, options.takesFallbacks, draft)
  if (kind === "edits") await readImages(values, draft, options)
  if (values.pictor) await readPictorFields(values.pictor, draft, options)
  // Only a form has files.
  const ownFields =
    body.isForm && hasFile(own) ? await readOwnFiles(own, findCard(), draft.issues, options) : own
  const modelOptions = readModelOptions(ownFields, values.pictor, body.isForm, draft)
  const { fields, issues, sentAs } = draft
  if (kind === "edits" && fields["prompt"] === "") delete fields["prompt"]
  await chooseTask(values, modelOptions, draft, options)
  if (values.background === "transparent") checkTransparency(modelOptions, draft, options)
  if (fields["partialImages"] !== undefined && values.stream !== true) dropPartialImages(draft)
  if (Object.keys(modelOptions).length > 0) fields["options"] = modelOptions
  fields["model"] = model
  return {
    kind,
    request: fields as unknown as ImageRequest,
    values,
    changes: reportedChanges(draft),
    issues,
    ownFields: new Set(Object.keys(own)),
    sentAs,
    ownNames: (field) => ownNamesOf(field, fields["task"], findCard()),
  }
}

/** Sets the task: the one that the request names, else for an edit the one that inputs imply. */
const chooseTask = async (
  values: RequestValues,
  options: JsonObject,
  { fields, issues, sentAs }: SentDraft,
  reading: ParseOptions,
): Promise<void> => {
  const { kind, findCard } = reading
  if (values.task !== undefined && (fields["task"] ?? values.task) !== values.task)
    issues.push(conflicting("pictor.task", "task"))
  const named = values.task ?? fields["task"] ?? reading.task
  const lacksPixels = async () =>
    fields["image"] !== undefined && (await hasHole(fields["image"], reading))
  const task =
    named ??
    (kind === "edits"
      ? await impliedTask({ fields, options, card: findCard(), hasHole: lacksPixels })
      : undefined)
  if (task === undefined) return
  fields["task"] = task
  const picture = fields["image"] === undefined ? undefined : onlyPictureOf(task, findCard())
  if (picture === undefined || fields[picture] !== undefined) return
  fields[picture] = fields["image"]
  delete fields["image"]
  sentAs.set(picture, "image")
}

// Maps: V8 discards what it compiled for property access when names vary.
const parametersOf: Readonly<Record<Kind, ReadonlyMap<string, Parameter>>> = {
  generations: new Map(Object.entries(parameters.generations)),
  edits: new Map(Object.entries(parameters.edits)),
}

/** Splits a body into valid known fields and fields of the model's own body. */
const readFields = (
  { fields, isForm }: Body,
  { kind, findCard }: ParseOptions,
  draft: Draft,
): { readonly values: RequestValues; readonly own: JsonObject } => {
  const known = parametersOf[kind]
  const values: Record<string, unknown> = {}
  const ownEntries: (readonly [name: string, value: unknown])[] = []
  for (const [name, sent] of Object.entries(fields)) {
    // A form has no null.
    if (!isPresent(sent) || (isForm && sent === "")) continue
    const parameter = known.get(name)
    if (!parameter || (mayBeOwn(name, parameter) && isBodyPathOf(findCard(), name)))
      ownEntries.push([name, isForm ? typed(sent) : sent])
    else {
      const value = isForm ? formValue(parameter, sent) : sent
      const issue = issueOf(name, parameter, value, isForm, findCard)
      if (issue) draft.issues.push(issue)
      else {
        values[name] = value
        applyParameter(name, parameter, value, draft, findCard)
        const isShared = sharedNames.has(name) && value !== ""
        if (isShared && isBodyPathOf(findCard(), name)) ownEntries.push([name, value])
      }
    }
  }
  const own = Object.fromEntries(ownEntries)
  const card = ownEntries.length > 0 ? findCard() : undefined
  if (!card) return { values, own }
  const { pictor, task = isJsonObject(pictor) ? pictor["task"] : undefined } = values
  const flattened = { card, task, isEdit: kind === "edits" }
  return { values, own: nestFlattenedFields(own, flattened, draft) }
}

/** A model's own field of the name takes precedence where the table has no effect for it. */
const mayBeOwn = (name: string, { ignored, unsupported: reason }: Parameter): boolean =>
  extraNames.has(name) || ignored !== undefined || reason !== undefined

/** Fields that the server reads, and the model's provider too. */
const sharedNames: ReadonlySet<string> = new Set(["user", "safety_identifier"])

const isBodyPathOf = (card: ModelCard | undefined, name: string): boolean =>
  Object.values(card?.tasks ?? {}).some(({ fields, options = {} }) =>
    [...Object.keys(options), ...Object.values(fields).map(({ path }) => path)].some(
      (path) => path === name || (typeof path === "string" && path.startsWith(`${name}.`)),
    ),
  )

/** Converts the string of a form to the type that the parameter takes. */
const formValue = ({ schema }: Parameter, value: unknown): unknown => {
  if (!isJsonObject(value) && schema.safeParse(value).success) return value
  const converted = typed(value)
  return schema.safeParse(converted).success ? converted : value
}

const issueOf = (
  name: string,
  {
    schema,
    allowed,
    field = "",
    unsupported: reason,
    unsupportedValues = {},
    isDefault,
  }: Parameter,
  value: unknown,
  isForm: boolean,
  findCard: ParseOptions["findCard"],
): Issue | undefined => {
  if (isDefault?.(value)) return undefined
  if (reason !== undefined) return unsupported(name, reason)
  if (!schema.safeParse(value).success) {
    if (isForm && Array.isArray(value) && value.length > 1)
      return invalid(name, `${name} occurs more than once. Send it once.`, allowed)
    const isQuoted = typeof value === "string" && schema.safeParse(typed(value)).success
    return invalid(
      name,
      `${name} must be ${allowed}.${isQuoted ? " Send it without quotes." : ""}`,
      allowed,
    )
  }
  const rejected = Object.entries(unsupportedValues).find(([each]) => each === value)
  const card = rejected && findCard()
  if (!rejected || hasValueInTasks(card, field, value)) return undefined
  return unsupportedValue(name, ...rejected)
}

const applyParameter = (
  name: string,
  { field, defaults, lossless, isDefault, ignored }: Parameter,
  value: unknown,
  { fields, changes }: Draft,
  findCard: ParseOptions["findCard"],
): void => {
  if (defaults?.includes(value) || isDefault?.(value)) return
  if (field !== undefined && lossless?.includes(value) && !hasField(findCard(), field)) return
  if (ignored !== undefined)
    changes.push({ field: name, action: "dropped", from: value, to: undefined, why: ignored })
  else if (field !== undefined) fields[field] = value
}

/** Joins the fields of the model's own body from the top level and from `pictor.options`. */
const readModelOptions = (
  own: JsonObject,
  pictor: JsonObject | undefined,
  isForm: boolean,
  { issues }: Draft,
): JsonObject => {
  // `readBody` checks JSON bodies. A form may contain further JSON in its strings.
  const excess = isForm ? exceededLimit([own, pictor]) : undefined
  if (excess !== undefined)
    issues.push(invalid("pictor", `pictor and the model's own fields have ${excess}.`))
  const options = pictor?.["options"]
  if (!isPresent(options)) return own
  if (!isJsonObject(options)) {
    const allowed = "an object of fields of the model"
    issues.push(invalid("pictor.options", `pictor.options must be ${allowed}.`, allowed))
    return own
  }
  for (const name of Object.keys(options))
    if (Object.hasOwn(own, name)) issues.push(conflicting(`pictor.options.${name}`, name))
  return { ...own, ...withoutAbsent(options) }
}

const imageFields: readonly string[] = ["mask", "styleImage", "referenceImage"]

const readPictorFields = async (
  pictor: JsonObject,
  { fields, issues }: Draft,
  options: ParseOptions,
): Promise<void> => {
  for (const [name, value] of Object.entries(withoutAbsent(pictor))) {
    const param = `pictor.${name}`
    if (name === "options") continue
    if (!pictorFields.includes(name)) issues.push(unknown(param, name, pictorFields))
    else if (fields[name] !== undefined && fields[name] !== value)
      issues.push(conflicting(param, "a top-level field that sets the same value"))
    else if (imageFields.includes(name)) {
      const read = await readImage(param, value, options)
      if ("issue" in read) issues.push(read.issue)
      else fields[name] = read.source
    } else
      fields[name] = name === "references" ? await readReferences(value, issues, options) : value
  }
}

/** Reads the image of each reference; core checks the rest. */
const readReferences = (
  value: unknown,
  issues: Issue[],
  options: ParseOptions,
): Promise<unknown> =>
  Array.isArray(value) && value.length <= options.limits.images
    ? Promise.all(
        value.map(async (each: unknown, index) => {
          if (!isJsonObject(each) || each["image"] === undefined) return each
          const read = await readImage(`pictor.references.${index}.image`, each["image"], options)
          if ("source" in read) return { ...each, image: read.source }
          issues.push(read.issue)
          return each
        }),
      )
    : Promise.resolve(value)

/** Under `strict`, a field without effect is an issue. */
const reportedChanges = ({ fields, changes, issues }: Draft): readonly Change[] => {
  if (fields["policy"] !== "strict") return changes
  for (const { field, why, action } of changes)
    if (action === "dropped") issues.push(unsupported(field, `It would have no effect: ${why}.`))
  return changes.filter(({ action }) => action !== "dropped")
}

const twins = [
  ["max_retries", "num_retries"],
  ["request_timeout", "timeout"],
] as const

/** LiteLLM's second names become the first. */
const withoutTwins = (values: JsonObject, issues: Issue[]): JsonObject => {
  const merged: Record<string, unknown> = { ...values }
  for (const [twin, name] of twins) {
    const value = merged[twin]
    if (value === undefined) continue
    if ((merged[name] ?? value) === value) merged[name] = value
    else issues.push(conflicting(twin, name))
  }
  return merged
}

const readTagFields = (values: JsonObject, draft: Draft): void => {
  const { tags, metadata, litellm_metadata: more } = values
  const named = taggedNames.flatMap((name) =>
    values[name] === undefined ? [] : [[name, values[name]] as const],
  )
  if (!tags && !metadata && !more && named.length === 0) return
  if (metadata && more) draft.issues.push(conflicting("litellm_metadata", "metadata"))
  const members = { ...((metadata ?? more ?? {}) as JsonObject), ...Object.fromEntries(named) }
  const read = readTags(tags as readonly string[] | undefined, members, draft)
  if (read) draft.fields["tags"] = read
}

const readFallbackFields = (
  { fallbacks, disable_fallbacks: disabled }: JsonObject,
  isTaken: boolean,
  { changes, issues }: Draft,
): void => {
  if (fallbacks !== undefined && disabled === true)
    issues.push(conflicting("disable_fallbacks", "fallbacks"))
  else if (fallbacks !== undefined && !isTaken)
    changes.push({
      field: "fallbacks",
      action: "dropped",
      from: fallbacks,
      to: undefined,
      why: "the server decides which models are used if one fails",
    })
}

/** Reads the fields of LiteLLM that the table cannot describe. Returns the values to use. */
const readLitellmFields = <Values extends object>(
  sent: Values,
  takesFallbacks: boolean,
  draft: Draft,
): Values => {
  const { fields, issues } = draft
  const values = withoutTwins(sent as JsonObject, issues)
  readTagFields(values, draft)
  readFallbackFields(values, takesFallbacks, draft)
  const { drop_params: dropParams } = values
  if (dropParams === undefined) return values as Values
  const policy = dropParams === true ? "adapt" : "strict"
  if ((fields["policy"] ?? policy) === policy) fields["policy"] = policy
  else issues.push(conflicting("drop_params", "policy"))
  return values as Values
}
