import { writeFile } from "node:fs/promises"
import { join, resolve } from "node:path"
import type { ImageRequest } from "@pictor/core"
import { renderTable, sumCosts } from "@pictor/terminal"
import type { Options } from "./args.ts"
import { choose } from "./choice.ts"
import { createClients } from "./clients.ts"
import { confirmPurchase } from "./confirm.ts"
import { contactSheet } from "./contact-sheet.ts"
import { credentialsNote, missingKeyText } from "./credentials.ts"
import { type ExitCode, exitCodes } from "./exit-codes.ts"
import { planOrders, sendOrders } from "./ordering.ts"
import { isWhole, lacksCredentials, type Order, type Outcome, picturesOf } from "./outcome.ts"
import { planTable } from "./plan-table.ts"
import { createProgress } from "./progress.ts"
import { type Connect, missingKeys, providers } from "./providers.ts"
import { printEnding, printHeading, type SheetEnd } from "./report.ts"
import { prepareFolder } from "./saving.ts"
import type { World } from "./world.ts"

const sheetFile = "contact-sheet.html"

/** Runs one session. `connect` leads to the emulators or, with `--live`, to the real APIs. */
export const runSession = async (
  options: Options,
  world: World,
  connect: Connect,
): Promise<ExitCode> => {
  const { terminal } = world
  const choices = choose(options, connect, world.now)
  if (choices.unknown !== undefined) return wrong(choices.unknown, world)
  printHeading(options, choices, terminal)
  if (choices.chosen.length === 0)
    return wrong(
      "No model is left to call. Name one with --model, or another region with --region.",
      world,
    )
  const missing =
    options.live && !options.dryRun
      ? missingKeys(
          choices.chosen.map(({ provider }) => provider),
          world.surroundings.environment,
        )
      : []
  for (const key of missing) terminal.note(`${terminal.paint("red", missingKeyText(key))}\n`)
  if (missing.length > 0) return exitCodes.noCredentials
  const progress = createProgress(
    choices.chosen.map(({ card }) => card.id),
    terminal,
  )
  const { clientFor, close } = createClients({
    connect,
    now: world.now,
    middleware: [progress.watch],
  })
  try {
    const orders = await planOrders(choices.chosen, (model) => requestOf(model, options), clientFor)
    const early = await beforeSending(orders, options, world)
    if (early !== undefined) return early
    const folder = resolve(world.folder, options.out)
    const startedMs = world.now()
    const outcomes = await sendOrders(orders, {
      clientFor,
      folder,
      signal: world.signal,
      progress,
      now: world.now,
    }).finally(progress.stop)
    return await end(outcomes, options, world, world.now() - startedMs)
  } finally {
    await close()
  }
}

const wrong = (message: string, { terminal }: World): ExitCode => {
  terminal.note(`${terminal.paint("red", message)}\nSee pnpm start --help.\n`)
  return exitCodes.usage
}

const requestOf = (
  model: string,
  { prompt, n, size, seed, quality, strict }: Options,
): ImageRequest => ({
  model,
  prompt,
  ...(n === undefined ? {} : { n }),
  size,
  ...(seed === undefined ? {} : { seed }),
  ...(quality === undefined ? {} : { quality }),
  ...(strict ? { policy: "strict" } : {}),
})

/** The checks before a picture is ordered. Returns an exit code if one fails. */
const beforeSending = async (
  orders: readonly Order[],
  options: Options,
  world: World,
): Promise<ExitCode | undefined> => {
  const { terminal, signal } = world
  const planned = orders.flatMap(({ plan }) => plan ?? [])
  if (options.dryRun || options.live || planned.length === 0)
    terminal.print(
      `${renderTable(planTable(orders), terminal.columns, terminal.paint).join("\n")}\n\n`,
    )
  if (planned.length === 0)
    return wrong("No model can take this request. The table says why.", world)
  if (options.dryRun) {
    terminal.print("Dry run: nothing was sent.\n\n")
    return planned.length === orders.length ? exitCodes.delivered : exitCodes.incomplete
  }
  const problem = await prepareFolder(resolve(world.folder, options.out))
  if (problem !== undefined) return wrong(problem, world)
  if (!options.live) return undefined
  const sold = orders.flatMap(({ choice, plan }) => (plan ? providers[choice.provider].title : []))
  const agreed = await confirmPurchase(
    {
      count: planned.reduce((sum, { n }) => sum + n, 0),
      vendors: [...new Set(sold)],
      bound: sumCosts(planned.map(({ estimate }) => estimate)),
      agreed: options.yes,
    },
    terminal,
    signal,
  )
  if (signal.aborted) return exitCodes.interrupted
  return agreed ? undefined : exitCodes.declined
}

const end = async (
  outcomes: readonly Outcome[],
  options: Options,
  world: World,
  timeMs: number,
): Promise<ExitCode> => {
  const { terminal, signal } = world
  const refused = outcomes.filter(lacksCredentials)
  if (refused.length > 0 && picturesOf(outcomes).length === 0) {
    const first = new Map(refused.toReversed().map((each) => [each.choice.provider, each]))
    for (const { problem, advice } of [...first.values()].map((each) =>
      credentialsNote(each, world.surroundings),
    ))
      terminal.note(`\n${terminal.paint("red", problem)}\n\n${advice}`)
    return exitCodes.noCredentials
  }
  const folder = resolve(world.folder, options.out)
  const text = contactSheet({
    prompt: options.prompt,
    emulated: !options.live,
    outcomes,
    timeMs,
    madeAtMs: world.now(),
  })
  // A run without a picture does not replace the sheet of an earlier one.
  const sheet = picturesOf(outcomes).length > 0 ? await writeSheet(folder, text) : undefined
  printEnding(
    {
      outcomes,
      timeMs,
      folder,
      live: options.live,
      interrupted: signal.aborted,
      ...(sheet && { sheet }),
    },
    terminal,
  )
  if (signal.aborted) return exitCodes.interrupted
  return outcomes.every(isWhole) && sheet && "file" in sheet
    ? exitCodes.delivered
    : exitCodes.incomplete
}

const writeSheet = async (folder: string, text: string): Promise<SheetEnd> => {
  try {
    await writeFile(join(folder, sheetFile), text)
    return { file: sheetFile }
  } catch (error) {
    return {
      problem: `${sheetFile} could not be written (${(error as NodeJS.ErrnoException).code ?? "unknown reason"}).`,
    }
  }
}
