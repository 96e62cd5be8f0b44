import { resolve } from "node:path"
import {
  type Cost,
  formatUsd,
  type GenerateOptions,
  type ImageResult,
  isImageError,
  type Plan,
  type Slot,
} from "@pictor/core"
import { changeText, sumCosts } from "@pictor/terminal"
import type { Cli } from "./cli.ts"
import type { Opened } from "./client.ts"
import { confirmOrder, needsConfirmation, usualConfirmAbove } from "./confirm.ts"
import { CommandError, chargeText, exitCodeOf, messageOf } from "./errors.ts"
import { type ExitCode, exitCodes } from "./exit-codes.ts"
import { previewOf } from "./preview.ts"
import { createProgress, seconds } from "./progress.ts"
import { credentialSource } from "./providers.ts"
import { prepareFolder, type Saved, savePicture } from "./saving.ts"

/** The flags of every command that makes pictures. */
export interface OrderOptions {
  readonly yes?: boolean
  readonly json?: boolean
  readonly quiet?: boolean
  /** A folder, or `-` for standard output. */
  readonly out?: string
  readonly embed?: boolean
  readonly preview?: boolean
  readonly timeout?: string
}

export const toStdout = "-"

/** Where the pictures come from and what they cost, before anything is sent. */
export const announce = (opened: Opened, plans: readonly Plan[], cli: Cli): void => {
  const { note, paint } = cli.terminal
  const estimate = sumCosts(plans.map((plan) => plan.estimate))
  const most = plans.some((plan) => plan.estimate.basis) ? "at most " : ""
  const price = `${most}${formatUsd(estimate)}`
  const names = new Set(plans.map(({ model }) => opened.providerOf(model)?.title ?? model))
  note(
    opened.live
      ? `${paint("yellow", "Live")}: ${[...names].join(", ")}; ${price}.\n`
      : `${paint("cyan", "Emulator")}: nothing is sent or charged; live this costs ${price}. Add --live to order.\n`,
  )
}

/** Bedrock's credentials may be a role of the machine, so that only its transport can tell. */
const checkKeys = (opened: Opened, plans: readonly Plan[], cli: Cli): void => {
  for (const { model } of opened.live ? plans : []) {
    const provider = opened.providerOf(model)
    if (provider && !provider.files && credentialSource(provider, cli) === undefined)
      throw new CommandError(
        `${provider.title} needs a key. Set the environment variable ${provider.keys.join(" or ")}, or omit --live.`,
        exitCodes.unauthenticated,
      )
  }
}

/** Checks everything that can be checked before money is spent. */
export const prepareOrder = async (
  opened: Opened,
  plans: readonly Plan[],
  options: OrderOptions,
  cli: Cli,
): Promise<string> => {
  const count = plans.reduce((sum, { n }) => sum + n, 0)
  const out = options.out ?? opened.config.out ?? "out"
  if (out === toStdout && count !== 1)
    throw new CommandError(`--out - takes one picture, not ${count}. Omit -n.`)
  if (out === toStdout && options.json)
    throw new CommandError("--json and --out - both write to standard output. Omit one.")
  if (out === toStdout && cli.stdout.isTTY)
    throw new CommandError("--out - would write a picture into the terminal. Redirect the output.")
  checkKeys(opened, plans, cli)
  const folder = resolve(cli.folder, out)
  if (out !== toStdout) await prepareFolder(folder)
  const above = opened.config.confirmAbove ?? usualConfirmAbove
  const estimate = sumCosts(plans.map((plan) => plan.estimate))
  if (opened.live && !options.yes && needsConfirmation(estimate, above))
    await confirmOrder({ count, estimate, above }, cli)
  return out === toStdout ? toStdout : folder
}

const timeoutOf = ({ timeout }: OrderOptions): Pick<GenerateOptions, "timeoutMs"> => {
  if (timeout === undefined) return {}
  const value = /^\d{1,6}$/.test(timeout) ? Number(timeout) : 0
  if (value < 1) throw new CommandError("--timeout must be a whole number of seconds from 1.")
  return { timeoutMs: value * 1000 }
}

export interface Delivery {
  readonly result: ImageResult
  readonly saved: readonly Saved[]
}

/** Sends a plan and saves its pictures. */
export const deliver = async (
  opened: Opened,
  plan: Plan,
  folder: string,
  options: OrderOptions,
  cli: Cli,
): Promise<Delivery> => {
  const { terminal, now, signal } = cli
  const quiet = options.quiet ?? false
  const progress = createProgress(plan, quiet ? { ...terminal, redraws: false } : terminal, now)
  let spent: Cost = sumCosts([])
  const result = await opened.pictor
    .run(plan, {
      signal,
      ...timeoutOf(options),
      onImages: ({ images, slots }) => {
        spent = sumCosts([spent, ...slots.map(({ cost }) => cost)])
        progress.delivered(images.length, spent)
      },
    })
    .finally(progress.stop)
  return { result, saved: await saveAll(opened, result, folder, options, cli) }
}

const saveAll = async (
  { live }: Opened,
  { slots, requestIds, images }: ImageResult,
  folder: string,
  { embed = false }: OrderOptions,
  cli: Cli,
): Promise<readonly Saved[]> => {
  if (folder === toStdout) {
    for (const image of images) cli.stdout.write(image.bytes())
    return []
  }
  const madeAt = new Date(cli.now()).toISOString()
  const saved: Saved[] = []
  for (const slot of slots)
    if (slot.status === "delivered") {
      const facts = { live, cost: slot.cost, requestIds, madeAt }
      saved.push(await savePicture(slot.image, facts, { folder, embed, cli }))
    }
  return saved
}

const slotText = (slot: Slot): string | undefined => {
  if (slot.status === "filtered") return `filtered (${slot.stage}): ${slot.reason}`
  if (slot.status === "failed") return `failed: ${slot.error.message}`
  return slot.status === "not-attempted" ? "not attempted" : undefined
}

/** The object of `--json`. */
export const toJson = ({ result, saved }: Delivery, { live }: Pick<Opened, "live">) => {
  const { model, slots, cost, changes, warnings, requestIds, timing } = result
  const states = slots.map(({ status }) => status)
  return { live, model, images: saved, slots: states, cost, changes, warnings, requestIds, timing }
}

/** What the user learns at the end. Files go to standard output, everything else to the error. */
export const report = (
  { result, saved }: Delivery,
  opened: Opened,
  options: OrderOptions,
  { terminal, environment }: Cli,
): void => {
  const { print, note, paint, redraws } = terminal
  const { slots, changes, warnings, cost, model, timing } = result
  if (options.json)
    print(`${JSON.stringify(toJson({ result, saved }, opened), undefined, 2)}
`)
  else for (const { file } of saved) print(`${file}\n`)
  if (!options.json && !options.quiet && options.preview !== false && redraws)
    for (const image of result.images) print(previewOf(image, environment))
  for (const { file, problem } of saved)
    if (problem) note(`${paint("yellow", "not embedded")}: ${file}: ${problem}.\n`)
  for (const [index, slot] of slots.entries()) {
    const text = slotText(slot)
    if (text) note(`${paint("red", `picture ${index + 1}`)}: ${text}\n`)
  }
  if (options.quiet) return
  for (const change of changes) note(`${paint("yellow", "changed")}: ${changeText(change)}\n`)
  for (const warning of warnings) note(`${paint("yellow", "warning")}: ${warning}\n`)
  const count = result.images.length
  const charged = opened.live ? `charged ${formatUsd(cost)}` : `nothing charged`
  note(
    `${paint("green", "✓")} ${count} picture${count === 1 ? "" : "s"} of ${model} in ${seconds(timing.totalMs)}, ${charged}.\n`,
  )
}

export const isWhole = ({ result, saved }: Delivery): boolean =>
  result.slots.every(({ status }) => status === "delivered") &&
  saved.every(({ problem }) => problem === undefined)

/** From a plan to the exit code. */
export const order = async (
  opened: Opened,
  plan: Plan,
  options: OrderOptions,
  cli: Cli,
): Promise<ExitCode> => {
  timeoutOf(options)
  if (!options.quiet) announce(opened, [plan], cli)
  const folder = await prepareOrder(opened, [plan], options, cli)
  const delivery = await deliver(opened, plan, folder, options, cli).catch((error: unknown) => {
    if (!isImageError(error)) throw error
    throw new CommandError(`${messageOf(error)}\n${chargeText(error)}`, exitCodeOf(error))
  })
  report(delivery, opened, options, cli)
  if (cli.signal.aborted) {
    cli.terminal.note(`Stopped. Charged: ${formatUsd(delivery.result.cost)}.\n`)
    return exitCodes.interrupted
  }
  return isWhole(delivery) ? exitCodes.success : exitCodes.failed
}
