import { writeFile } from "node:fs/promises"
import { join, relative } from "node:path"
import { formatUsd, isImageError, type Plan } from "@pictor/core"
import type { Command } from "commander"
import type { Cli } from "../cli.ts"
import { type Opened, openClient } from "../client.ts"
import { CommandError, chargeText, exitCodeOf } from "../errors.ts"
import { exitCodes } from "../exit-codes.ts"
import {
  announce,
  type Delivery,
  deliver,
  isWhole,
  type OrderOptions,
  prepareOrder,
  report,
  toJson,
  toStdout,
} from "../order.ts"
import { toNumber } from "../request.ts"
import { addOrderOptions } from "./task.ts"

interface Flags extends OrderOptions {
  readonly models: string
  readonly size?: string
  readonly seed?: string
  readonly n?: string
  readonly live?: boolean
  readonly region?: string
}

const mostModels = 20

const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`)

/** A page with the pictures of all models. It loads nothing from elsewhere. */
const contactSheet = (
  prompt: string,
  deliveries: readonly Delivery[],
  folder: string,
  cli: Cli,
) => {
  const figures = deliveries.flatMap(({ result, saved }) =>
    saved.map(({ file, width, height, cost, seed }) => {
      const source = encodeURI(relative(folder, join(cli.folder, file)))
      const caption = `${result.model}, ${width}x${height}, ${formatUsd(cost)}${seed === undefined ? "" : `, seed ${seed}`}`
      return `<figure><img src="${escapeHtml(source)}" alt="${escapeHtml(result.model)}"><figcaption>${escapeHtml(caption)}</figcaption></figure>`
    }),
  )
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>${escapeHtml(prompt)}</title>
<style>body{font:16px system-ui;margin:2rem;display:grid;gap:1rem;grid-template-columns:repeat(auto-fill,minmax(20rem,1fr))}h1{grid-column:1/-1}figure{margin:0}img{width:100%}</style>
<h1>${escapeHtml(prompt)}</h1>
${figures.join("\n")}
</html>
`
}

const readModels = (list: string): readonly string[] => {
  const models = [...new Set(list.split(",").map((name) => name.trim()))].filter(Boolean)
  if (models.length < 1 || models.length > mostModels)
    throw new CommandError(`--models must name 1 to ${mostModels} models, with commas.`)
  return models
}

const deliverAll = async (
  opened: Opened,
  plans: readonly Plan[],
  flags: Flags,
  folder: string,
  cli: Cli,
) => {
  const deliveries: Delivery[] = []
  let code: number = exitCodes.success
  for (const plan of plans) {
    if (cli.signal.aborted) return { deliveries, code: exitCodes.interrupted }
    try {
      const delivery = await deliver(opened, plan, folder, flags, cli)
      deliveries.push(delivery)
      if (!flags.json) report(delivery, opened, flags, cli)
      if (!isWhole(delivery)) code = exitCodes.failed
    } catch (error) {
      if (!isImageError(error)) throw error
      cli.terminal.note(`${plan.model}: ${error.message}\n${chargeText(error)}\n`)
      code = plans.length === 1 ? exitCodeOf(error) : exitCodes.failed
    }
  }
  return { deliveries, code: cli.signal.aborted ? exitCodes.interrupted : code }
}

const compare = async (words: readonly string[], flags: Flags, cli: Cli): Promise<number> => {
  const prompt = words.join(" ")
  if (flags.out === toStdout) throw new CommandError("--out must be a folder.")
  const request = {
    prompt,
    ...(flags.size !== undefined && { size: flags.size }),
    ...(flags.seed !== undefined && { seed: toNumber("--seed", flags.seed) }),
    ...(flags.n !== undefined && { n: toNumber("--n", flags.n) }),
  }
  const models = readModels(flags.models)
  const live = flags.live ?? false
  const opened = await openClient(cli, { live, region: flags.region, records: true })
  try {
    // Before anything is ordered, every model takes the request.
    const plans: Plan[] = []
    for (const model of models) plans.push(await opened.pictor.plan({ ...request, model }))
    if (!flags.quiet) announce(opened, plans, cli)
    const folder = await prepareOrder(opened, plans, flags, cli)
    const { deliveries, code } = await deliverAll(opened, plans, flags, folder, cli)
    if (deliveries.length > 0) {
      const sheet = join(folder, "compare.html")
      await writeFile(sheet, contactSheet(prompt, deliveries, folder, cli))
      const file = relative(cli.folder, sheet)
      const all = deliveries.map((delivery) => toJson(delivery, opened))
      cli.terminal.print(
        flags.json ? `${JSON.stringify({ file, models: all }, undefined, 2)}\n` : `${file}\n`,
      )
    }
    return code
  } finally {
    await opened.pictor.close()
  }
}

export const configureCompare = async (
  command: Command,
  cli: Cli,
  end: (code: number) => void,
): Promise<void> => {
  addOrderOptions(command)
    .argument("<prompt...>", "what to draw")
    .requiredOption("--models <ids>", "models, with commas")
    .option("--size <text>", "WIDTHxHEIGHT, a tier such as 2K, auto")
    .option("--seed <number>", "the seed of every model")
    .option("-n, --n <number>", "pictures of each model")
    .option("--live", "order from the providers; without it, emulators draw")
    .option("--region <name>", "the AWS region")
    .action(async (words: readonly string[], flags: Flags) => end(await compare(words, flags, cli)))
}
