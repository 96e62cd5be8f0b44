import type { Change, ImageRequest, ModelCard } from "@pictor/core"
import { type Fault, invalid, unknown, unsupported } from "./fault.ts"
import { typed } from "./form.ts"
import { policyOf, readTags } from "./litellm.ts"
import { type Kind, neutralNames, type Parameter, parameters, pictorFields } from "./parameters.ts"
import { type Reading, readMask, readPicture } from "./pictures.ts"
import type { Body } from "./read-body.ts"
import { toTheirPlaces } from "./short-names.ts"
import { impliedTask, isOwnField } from "./task.ts"
import { excess, type Fields, given, isFields, isGiven } from "./values.ts"

/** What is asked of the answer. */
interface Wish {
  readonly url: boolean
  readonly stream: boolean
  readonly quality: string | undefined
  readonly background: string | undefined
}

/** A request body as it was understood. */
export interface Order {
  readonly kind: Kind
  readonly request: ImageRequest
  readonly wish: Wish
  /** What was asked and has no effect. */
  readonly changes: readonly Change[]
  /** All that is wrong with it. */
  readonly faults: readonly Fault[]
  readonly user: string | undefined
  /** As long as the request may take. */
  readonly timeoutMs: number | undefined
  /** How often it may be retried. */
  readonly retries: number | undefined
  /** Fields of the model's own body that stood at the top level. */
  readonly own: ReadonlySet<string>
}

/** What an order is read with. */
export interface OrderReading extends Reading {
  readonly kind: Kind
  readonly model: string
  /** Few requests need it. */
  readonly cardOf: () => ModelCard | undefined
}

const nothing: Fields = {}
const none: ReadonlySet<string> = new Set()

interface Draft {
  readonly fields: Record<string, unknown>
  readonly changes: Change[]
  readonly faults: Fault[]
}

/** A form's text as the parameter takes it. */
const valueFor = ({ schema }: Parameter, value: unknown, form: boolean): unknown => {
  if (!form) return value
  if (!isFields(value) && schema.safeParse(value).success) return value
  const meant = typed(value)
  return schema.safeParse(meant).success ? meant : value
}

/** A form's field that came several times, each as it may come once. */
const isRepeated = (parameter: Parameter, value: unknown): boolean => {
  const { schema, refused } = parameter
  if (
    refused !== undefined ||
    !Array.isArray(value) ||
    value.length < 2 ||
    schema.safeParse(value).success
  )
    return false
  return value.every((each) => schema.safeParse(valueFor(parameter, each, true)).success)
}

/** Maps: what V8 compiles for access by a name that varies it throws away at the next name. */
const parametersOf: Readonly<Record<Kind, ReadonlyMap<string, Parameter>>> = {
  generations: new Map(Object.entries(parameters.generations)),
  edits: new Map(Object.entries(parameters.edits)),
}

const readKnown = (
  name: string,
  parameter: Parameter,
  value: unknown,
  { fields, changes, faults }: Draft,
): void => {
  const { schema, allowed, field, same, dropped, refused, refuses } = parameter
  if (refused !== undefined) faults.push(unsupported(name, `${name} is not supported. ${refused}`))
  else if (!schema.safeParse(value).success)
    faults.push(invalid(name, `${name} must be ${allowed}.`, allowed))
  else if (same?.includes(value)) return
  else if (refuses && typeof value === "string" && Object.hasOwn(refuses, value))
    faults.push({
      ...unsupported(name, `${name} ${value} is not supported. ${refuses[value]}`),
      code: "unsupported_value",
    })
  else if (dropped !== undefined)
    changes.push({ field: name, action: "dropped", from: value, to: undefined, why: dropped })
  else if (field !== undefined) fields[field] = value
}

const pictureFields: readonly string[] = ["mask", "styleImage", "referenceImage"]

/** The fields of `pictor`, by Pictor's own names. */
const readPictor = async (pictor: Fields, draft: Draft, reading: Reading): Promise<void> => {
  for (const [name, value] of Object.entries(given(pictor))) {
    const param = `pictor.${name}`
    if (!pictorFields.includes(name)) draft.faults.push(unknown(param, name, pictorFields))
    else if (name === "options") continue
    else if (draft.fields[name] !== undefined && draft.fields[name] !== value)
      draft.faults.push(
        invalid(param, `${param} and a field of the body say different things. Give one of them.`),
      )
    else if (pictureFields.includes(name)) {
      const read = await readPicture(param, value, reading)
      if ("fault" in read) draft.faults.push(read.fault)
      else draft.fields[name] = read.source
    } else draft.fields[name] = value
  }
}

const listOf = (value: unknown): readonly unknown[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value]

const readPictures = async (body: Fields, draft: Draft, reading: Reading): Promise<void> => {
  const images = [...listOf(body["image"]), ...listOf(body["images"])]
  const { images: most } = reading.limits
  if (images.length > most)
    draft.faults.push(
      invalid(
        "image",
        `image: ${images.length} are given; at most ${most} are taken.`,
        `1 to ${most} images`,
      ),
    )
  else {
    const reads = await Promise.all(
      images.map(async (each, index) =>
        readPicture(images.length > 1 ? `image[${index}]` : "image", each, reading),
      ),
    )
    const sources = reads.flatMap((read) => ("source" in read ? [read.source] : []))
    draft.faults.push(...reads.flatMap((read) => ("fault" in read ? [read.fault] : [])))
    if (sources.length === 1) draft.fields["image"] = sources[0]
    else if (sources.length > 1) draft.fields["images"] = sources
  }
  if (body["mask"] === undefined) return
  const mask = await readMask(
    Array.isArray(body["mask"]) && body["mask"].length === 1 ? body["mask"][0] : body["mask"],
    reading,
  )
  if ("source" in mask) draft.fields["mask"] = mask.source
  else draft.faults.push(mask.fault)
}

/** Fields of the model's own body: those at the top level, and those of `pictor.options`. */
const joined = (own: Fields, options: unknown, { faults }: Draft): Fields => {
  for (const [name, value] of Object.entries(own))
    if (value instanceof Blob)
      faults.push(
        invalid(
          name,
          `${name} is a file. Files go as image and mask; the model's own fields take base64.`,
          "base64",
        ),
      )
  if (!isFields(options)) {
    faults.push(
      invalid(
        "pictor.options",
        "pictor.options must be an object of the model's own fields.",
        "an object",
      ),
    )
    return own
  }
  for (const name of Object.keys(options))
    if (Object.hasOwn(own, name))
      faults.push(
        invalid(
          `pictor.options.${name}`,
          `${name} and pictor.options.${name} are the same field. Give one of them.`,
        ),
      )
  return { ...own, ...given(options) }
}

const readOptions = (own: Fields, pictor: Fields, draft: Draft): Fields => {
  if (own === nothing && pictor === nothing) return nothing
  const options = joined(own, pictor["options"] ?? nothing, draft)
  const why = excess({ options, pictor })
  if (why !== undefined)
    draft.faults.push(invalid("pictor", `The model's own fields are refused: ${why}.`))
  return options
}

/** OpenAI: a non-empty `safety_identifier` goes before `user`. */
const userOf = ({ safety_identifier: identifier, user }: Fields): string | undefined =>
  [identifier, user].find((each): each is string => typeof each === "string" && each !== "")

/** Fields that LiteLLM's clients send to its proxy. */
const readLitellm = (values: Fields, { fields, faults }: Draft): void => {
  const { tags, faults: wrong } = readTags(values)
  faults.push(...wrong)
  if (tags) fields["tags"] = tags
  const { drop_params: dropParams } = values
  if (typeof dropParams !== "boolean") return
  const policy = policyOf(dropParams)
  if (fields["policy"] !== undefined && fields["policy"] !== policy)
    faults.push(
      invalid(
        "drop_params",
        `drop_params ${dropParams} is the policy ${policy}, and policy says another. Give one of them.`,
      ),
    )
  else fields["policy"] = policy
}

/** In whole milliseconds; undefined where the field is absent or wrong. */
const timeoutOf = ({ timeout }: Fields): number | undefined =>
  typeof timeout === "number" && timeout > 0 ? Math.max(1, Math.round(timeout * 1000)) : undefined

const textOf = (value: unknown): string | undefined =>
  typeof value === "string" ? value : undefined

const wishOf = (values: Fields): Wish => ({
  url: values["response_format"] === "url",
  stream: values["stream"] === true,
  quality: textOf(values["quality"]),
  background: textOf(values["background"]),
})

/** Under `strict` nothing is dropped. */
const kept = ({ fields, changes, faults }: Draft): readonly Change[] => {
  if (fields["policy"] !== "strict") return changes
  faults.push(
    ...changes.map(({ field, why }) =>
      unsupported(field, `${field} would have no effect: ${why}.`),
    ),
  )
  return []
}

/** Reads the fields with a meaning here; `own`: those of the model's own body. */
const readFields = (
  { fields, form }: Body,
  { kind, cardOf }: OrderReading,
  draft: Draft,
): { readonly values: Fields; readonly own: Fields } => {
  const known = parametersOf[kind]
  const values: Record<string, unknown> = {}
  const own: (readonly [name: string, value: unknown])[] = []
  for (const [name, value] of Object.entries(fields)) {
    // A form has no null.
    if (!isGiven(value) || (form && value === "")) continue
    const parameter = known.get(name)
    if (!parameter || (neutralNames.has(name) && isOwnField(name, cardOf())))
      own.push([name, form ? typed(value) : value])
    else {
      values[name] = valueFor(parameter, value, form)
      if (form && isRepeated(parameter, values[name]))
        draft.faults.push(
          invalid(name, `${name} is given more than once. Give it once.`, parameter.allowed),
        )
      else readKnown(name, parameter, values[name], draft)
    }
  }
  if (own.length === 0) return { values, own: nothing }
  const card = cardOf()
  return {
    values,
    own: card ? toTheirPlaces(Object.fromEntries(own), card, draft) : Object.fromEntries(own),
  }
}

const readTask = (
  values: Fields,
  options: Fields,
  { fields, faults }: Draft,
  { kind, cardOf }: OrderReading,
): void => {
  const { task } = values
  if (task !== undefined && fields["task"] !== undefined && task !== fields["task"])
    faults.push(
      invalid("pictor.task", "task and pictor.task say different things. Give one of them."),
    )
  const chosen =
    task ?? fields["task"] ?? impliedTask(kind, fields["mask"] !== undefined, options, cardOf)
  if (chosen !== undefined) fields["task"] = chosen
}

/** Reads a body into a neutral request. Never throws: what is wrong is listed in `faults`. */
export const readOrder = async (body: Body, reading: OrderReading): Promise<Order> => {
  const { kind, model } = reading
  const draft: Draft = { fields: {}, changes: [], faults: [] }
  const { values, own } = readFields(body, reading, draft)
  readLitellm(values, draft)
  const pictor = isFields(values["pictor"]) ? values["pictor"] : nothing
  const options = readOptions(own, pictor, draft)
  if (kind === "edits") await readPictures(values, draft, reading)
  if (pictor !== nothing) await readPictor(pictor, draft, reading)
  readTask(values, options, draft, reading)
  if (kind === "edits" && draft.fields["prompt"] === "") delete draft.fields["prompt"]
  if (Object.keys(options).length > 0) draft.fields["options"] = options
  draft.fields["model"] = model
  const changes = kept(draft)
  return {
    kind,
    request: draft.fields as unknown as ImageRequest,
    wish: wishOf(values),
    changes,
    faults: draft.faults,
    own: own === nothing ? none : new Set(Object.keys(own)),
    user: userOf(values),
    timeoutMs: timeoutOf(values),
    retries: typeof values["num_retries"] === "number" ? values["num_retries"] : undefined,
  }
}
