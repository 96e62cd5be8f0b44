import type { Change, ImageRequest, JsonObject, ModelCard, Task } from "@pictor/core"
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
import { type ImageReading, readImage, readMask } from "./image-payload.ts"
import { isJsonObject, isPresent, withoutAbsent } from "./json.ts"
import { extraNames, type Kind, type Parameter, parameters, pictorFields } from "./parameters.ts"
import { type Body, exceededLimit } from "./read-body.ts"
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

interface ParseOptions extends ImageReading {
  readonly kind: Kind
  readonly model: string
  /** Finds the model's card. Most requests do not need it. */
  readonly findCard: () => ModelCard | undefined
}

interface Draft {
  /** Core's request. */
  readonly fields: Record<string, unknown>
  readonly changes: Change[]
  readonly issues: Issue[]
}

/** Parses a body into core's request. Never throws: everything that is wrong is in `issues`. */
export const parseRequest = async (body: Body, options: ParseOptions): Promise<ParsedRequest> => {
  const { kind, model, findCard } = options
  const draft: Draft = { fields: {}, changes: [], issues: [] }
  const { values, own } = readFields(body, options, draft)
  readLitellmFields(values, draft)
  if (kind === "edits") await readImages(values, draft, options)
  if (values.pictor) await readPictorFields(values.pictor, draft, options)
  const modelOptions = readModelOptions(own, values.pictor, body.isForm, draft)
  const { fields, issues } = draft
  if (kind === "edits" && fields["prompt"] === "") delete fields["prompt"]
  if (values.task !== undefined && (fields["task"] ?? values.task) !== values.task)
    issues.push(conflicting("pictor.task", "task"))
  const task =
    values.task ??
    fields["task"] ??
    (kind === "edits"
      ? impliedTask(fields["mask"] !== undefined, modelOptions, findCard())
      : undefined)
  if (task !== undefined) fields["task"] = task
  if (Object.keys(modelOptions).length > 0) fields["options"] = modelOptions
  fields["model"] = model
  return {
    kind,
    request: fields as unknown as ImageRequest,
    values,
    changes: reportedChanges(draft),
    issues,
    ownFields: new Set(Object.keys(own)),
  }
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
    if (!parameter || (extraNames.has(name) && isOptionOf(findCard(), name)))
      ownEntries.push([name, isForm ? typed(sent) : sent])
    else {
      const value = isForm ? formValue(parameter, sent) : sent
      const issue = issueOf(name, parameter, value, isForm)
      if (issue) draft.issues.push(issue)
      else {
        values[name] = value
        applyParameter(name, parameter, value, draft)
      }
    }
  }
  const own = Object.fromEntries(ownEntries)
  const card = ownEntries.length > 0 ? findCard() : undefined
  return { values, own: card ? nestFlattenedFields(own, card, draft) : own }
}

const isOptionOf = (card: ModelCard | undefined, name: string): boolean =>
  Object.values(card?.tasks ?? {}).some(({ options = {} }) => Object.hasOwn(options, name))

/** Converts the string of a form to the type that the parameter takes. */
const formValue = ({ schema }: Parameter, value: unknown): unknown => {
  if (!isJsonObject(value) && schema.safeParse(value).success) return value
  const converted = typed(value)
  return schema.safeParse(converted).success ? converted : value
}

const issueOf = (
  name: string,
  { schema, allowed, unsupported: reason, unsupportedValues = {} }: Parameter,
  value: unknown,
  isForm: boolean,
): Issue | undefined => {
  if (reason !== undefined) return unsupported(name, reason)
  if (!schema.safeParse(value).success)
    return isForm && Array.isArray(value) && value.length > 1
      ? invalid(name, `${name} occurs more than once. Send it once.`, allowed)
      : invalid(name, `${name} must be ${allowed}.`, allowed)
  const rejected = Object.entries(unsupportedValues).find(([each]) => each === value)
  return rejected && unsupportedValue(name, ...rejected)
}

const applyParameter = (
  name: string,
  { field, defaults, ignored }: Parameter,
  value: unknown,
  { fields, changes }: Draft,
): void => {
  if (defaults?.includes(value)) return
  if (ignored !== undefined)
    changes.push({ field: name, action: "dropped", from: value, to: undefined, why: ignored })
  else if (field !== undefined) fields[field] = value
}

const readLitellmFields = (values: RequestValues, { fields, issues }: Draft): void => {
  const { tags, metadata, drop_params: dropParams } = values
  if (tags || metadata) {
    const read = readTags(tags, metadata, issues)
    if (read) fields["tags"] = read
  }
  if (dropParams === undefined) return
  const policy = dropParams ? "adapt" : "strict"
  if ((fields["policy"] ?? policy) === policy) fields["policy"] = policy
  else issues.push(conflicting("drop_params", "policy"))
}

/** Joins the fields of the model's own body from the top level and from `pictor.options`. */
const readModelOptions = (
  own: JsonObject,
  pictor: JsonObject | undefined,
  isForm: boolean,
  { issues }: Draft,
): JsonObject => {
  for (const [name, value] of Object.entries(own))
    if (value instanceof Blob) {
      const advice = "Send files as image or mask; fields of the model take base64."
      issues.push(invalid(name, `${name} is a file. ${advice}`, "base64"))
    }
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

const readImages = async (
  { image, images: more, mask }: RequestValues,
  { fields, issues }: Draft,
  options: ParseOptions,
): Promise<void> => {
  const images = [image, more].flat().filter((each) => each !== undefined)
  const { images: max } = options.limits
  if (images.length > max) {
    const allowed = `1 to ${max} images`
    issues.push(
      invalid("image", `image must be ${allowed}; the request has ${images.length}.`, allowed),
    )
  } else {
    const reads = await Promise.all(
      images.map(async (each, index) =>
        readImage(images.length > 1 ? `image[${index}]` : "image", each, options),
      ),
    )
    issues.push(...reads.flatMap((read) => ("issue" in read ? [read.issue] : [])))
    const sources = reads.flatMap((read) => ("source" in read ? [read.source] : []))
    if (sources.length === 1) fields["image"] = sources[0]
    else if (sources.length > 1) fields["images"] = sources
  }
  if (mask === undefined) return
  const read = await readMask(Array.isArray(mask) && mask.length === 1 ? mask[0] : mask, options)
  if ("source" in read) fields["mask"] = read.source
  else issues.push(read.issue)
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
    } else fields[name] = value
  }
}

const valueAt = (fields: JsonObject, path: string): unknown =>
  path
    .split(".")
    .reduce<unknown>((value, key) => (isJsonObject(value) ? value[key] : undefined), fields)

/** The task of an edit that names none. Undefined if core reads it from the model's own fields. */
const impliedTask = (
  hasMask: boolean,
  options: JsonObject,
  card: ModelCard | undefined,
): Task | undefined => {
  const usual = hasMask ? "inpaint" : "image-to-image"
  if (!card) return usual
  const isImplied = Object.values(card.tasks).some(({ constants = {} }) =>
    Object.keys(constants).some((path) => valueAt(options, path) !== undefined),
  )
  if (isImplied) return undefined
  if (card.tasks[usual]) return usual
  const withImage = (Object.keys(card.tasks) as Task[]).filter(
    (task) => card.tasks[task]?.fields.image ?? card.tasks[task]?.fields.images,
  )
  return withImage.length === 1 ? withImage[0] : usual
}

/** Under `strict`, a field without effect is an issue. */
const reportedChanges = ({ fields, changes, issues }: Draft): readonly Change[] => {
  if (fields["policy"] !== "strict") return changes
  for (const { field, why } of changes)
    issues.push(unsupported(field, `It would have no effect: ${why}.`))
  return []
}
