import {
  type ImageError,
  type ImageRequest,
  isImageError,
  type ModelCard,
  type Pictor,
  type Plan,
} from "@pictor/core"
import { type Command, Option } from "commander"
import { loadCards } from "../cards.ts"
import type { Cli } from "../cli.ts"
import { type Opened, openClient } from "../client.ts"
import { CommandError } from "../errors.ts"
import { type Flag, type FlagType, flagsOf, kebab } from "../flags.ts"
import { order } from "../order.ts"
import { credentialSource, type Provider } from "../providers.ts"
import { collect, createReader, type RequestFields, readRequest, type Values } from "../request.ts"
import type { TaskCommand } from "../tasks.ts"

const repeated: ReadonlySet<FlagType> = new Set<FlagType>(["files", "texts", "prompts"])

/** Adds the flags of fields, which come from the cards. */
const addFields = (command: Command, flags: readonly Flag[]): void => {
  for (const { name, type, help } of flags) {
    const shown = name.length === 1 ? `-${name}, --${name}` : `--${name}`
    const option = new Option(type === "boolean" ? shown : `${shown} <${type}>`, help)
    if (repeated.has(type)) option.argParser(collect)
    command.addOption(option.helpGroup("Fields (each model has its own; pictor models ID):"))
  }
}

/** The flags that choose a model and complete a request. */
const addRequestOptions = (command: Command): Command =>
  command
    .option("-m, --model <id>", "the model; default: the first that takes the request")
    .option("--model-id <id>", "the id to call instead, such as a private copy's")
    .option("--option <key=value>", "a field of the model's own API; may be repeated", collect)
    .option("--tag <key=value>", "a tag for cost reports; may be repeated", collect)
    .option("--idempotency-key <text>", "the same key is charged once")
    .option("--strict", "reject what the model would change")
    .option("--live", "order from the provider; without it, an emulator draws")
    .option("--region <name>", "the AWS region")

/** The flags of commands that make pictures. */
export const addOrderOptions = (command: Command): Command =>
  command
    .option("-o, --out <folder>", "where pictures go, or - for standard output (default: out)")
    .option("-y, --yes", "order without a question")
    .option("--json", "print one JSON object")
    .option("-q, --quiet", "print file names and problems only")
    .option("--embed", "put recipe and cost into the PNG too")
    .option("--no-preview", "show no picture in the terminal")
    .option("--timeout <seconds>", "give up after this time")

const tasksOf = ({ task, otherwise }: TaskCommand) => (otherwise ? [task, otherwise.task] : [task])

export interface Asked {
  readonly request: RequestFields
  readonly values: Values
  readonly opened: Opened
  readonly plan: Plan
}

/** A command that plans a task. `act` gets the plan. */
export const configureTask = async (
  command: Command,
  task: TaskCommand,
  { cli, records }: { readonly cli: Cli; readonly records: boolean },
  act: (asked: Asked) => Promise<void>,
): Promise<void> => {
  const flags = flagsOf(await loadCards(), tasksOf(task))
  for (const field of task.positionals)
    command.argument(field === "prompt" ? "[prompt...]" : `[${kebab(field)}]`)
  addRequestOptions(command)
  addFields(command, flags)
  command.action(async () => {
    const values: Values = command.opts()
    const reader = createReader(cli)
    const request = await readRequest(task, flags, values, command.args, reader)
    const live = values["live"] === true
    const opened = await openClient(cli, {
      live,
      region: typeof values["region"] === "string" ? values["region"] : undefined,
      records,
      images: flags.some(({ type, path }) => type === "file" && (path[0] ?? "") in request),
    })
    try {
      const plan = await planFor(opened, request, values["model"], cli)
      await act({ request, values, opened, plan })
    } finally {
      await opened.pictor.close()
    }
  })
}

/** With `--live`, only providers whose credentials are here; all of them where none has any. */
const usable = (opened: Opened, cards: readonly ModelCard[], cli: Cli): readonly ModelCard[] => {
  if (!opened.live) return cards
  const has = (provider: Provider | undefined): boolean =>
    provider !== undefined && credentialSource(provider, cli) !== undefined
  const some = cards.filter(({ id }) => has(opened.providerOf(id)))
  return some.length > 0 ? some : cards
}

const candidates = (opened: Opened, task: ImageRequest["task"], cli: Cli): readonly string[] => {
  const { pictor, config } = opened
  const lists = (cards: readonly ModelCard[]): readonly string[] => cards.map(({ id }) => id)
  const filter = task === undefined ? {} : { task }
  const active = usable(opened, pictor.models({ ...filter, lifecycle: "active" }), cli)
  const { model } = config
  const isConfigured = model !== undefined && hasTask(pictor, model, task)
  return [
    ...(isConfigured ? [model] : []),
    // Where no model of the task is active, private copies of the others may be.
    ...lists(active.length > 0 ? active : pictor.models(filter)),
  ]
}

const hasTask = (pictor: Pictor, model: string, task: ImageRequest["task"]): boolean => {
  const { card } = pictor.model(model)
  return task === undefined || card.tasks[task] !== undefined
}

/** The plan of the named model, or of the first one that takes the request. */
const planFor = async (
  opened: Opened,
  request: RequestFields,
  named: Values[string],
  cli: Cli,
): Promise<Plan> => {
  const models = typeof named === "string" ? [named] : candidates(opened, request.task, cli)
  let first: ImageError | undefined
  for (const model of models) {
    try {
      return await opened.pictor.plan({ ...request, model } as ImageRequest)
    } catch (error) {
      if (!isImageError(error)) throw error
      first ??= error
    }
  }
  throw first ?? new CommandError(`No model has the task ${request.task}.`)
}

/** `pictor generate`, `pictor edit`, … */
export const configureOrder = async (
  command: Command,
  task: TaskCommand,
  cli: Cli,
  end: (code: number) => void,
): Promise<void> => {
  addOrderOptions(command)
  await configureTask(command, task, { cli, records: true }, async ({ values, opened, plan }) =>
    end(await order(opened, plan, values, cli)),
  )
}
