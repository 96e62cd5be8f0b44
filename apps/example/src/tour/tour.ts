import { writeFile } from "node:fs/promises"
import { join, resolve } from "node:path"
import { createPictor, formatUsd, type Image, isImageError, type Pictor } from "@pictor/core"
import { maskFrom, sharpImages } from "@pictor/images"
import { novaCanvas } from "@pictor/nova-canvas"
import { stabilityServices } from "@pictor/stability-services"
import { renderTable, sumCosts } from "@pictor/terminal"
import { titan } from "@pictor/titan"
import type { Options } from "../args.ts"
import { type ExitCode, exitCodes } from "../exit-codes.ts"
import type { Connect } from "../providers.ts"
import { prepareFolder, savePicture } from "../saving.ts"
import type { World } from "../world.ts"
import { type StepEnd, tourSheet } from "./sheet.ts"
import { type Made, type Step, sidePixels, stepsFor } from "./steps.ts"
import { tourTable } from "./tour-table.ts"

/** Another file than the contact sheet of a run. */
const sheetFile = "tour-sheet.html"
const defaultSeed = 7

const drawMask = (): Promise<Uint8Array> =>
  maskFrom(
    { width: sidePixels, height: sidePixels },
    {
      ellipse: {
        centerX: sidePixels * 0.62,
        centerY: sidePixels * 0.6,
        radiusX: sidePixels * 0.2,
        radiusY: sidePixels * 0.16,
      },
    },
  )

interface Walk {
  readonly pictor: Pictor
  readonly mask: Uint8Array
  readonly folder: string
  readonly world: World
}

const take = async (
  step: Step,
  number: number,
  made: Made,
  { pictor, mask, folder, world }: Walk,
): Promise<StepEnd> => {
  const startedMs = world.now()
  const before = step.from === undefined ? undefined : made[step.from]
  const common = { step: step.name, ...(before && { before }), ...(step.usesMask && { mask }) }
  try {
    const plan = await pictor.plan(step.request(made, mask))
    const { image, cost, changes, warnings, model } = await pictor.run(plan, {
      signal: world.signal,
    })
    const timeMs = world.now() - startedMs
    const name = `tour-${number}-${step.name.replaceAll(" ", "-")}.${image.extension}`
    const { picture, problem } = await savePicture(folder, name, image)
    return {
      ...common,
      model,
      task: plan.task,
      after: image,
      cost,
      changes,
      warnings,
      timeMs,
      ...(picture.file && { file: picture.file }),
      ...(problem && { problem }),
    }
  } catch (error) {
    if (isImageError(error))
      return {
        ...common,
        model: step.request(made, mask).model,
        problem: `${error.code}: ${error.message}`,
      }
    throw error
  }
}

const walk = async (steps: readonly Step[], walking: Walk): Promise<readonly StepEnd[]> => {
  const { terminal, signal } = walking.world
  const made: Record<string, Image> = {}
  const ends: StepEnd[] = []
  for (const [index, step] of steps.entries()) {
    if (signal.aborted || (step.from !== undefined && !made[step.from])) break
    const end = await take(step, index + 1, made, walking)
    ends.push(end)
    if (end.after) made[step.name] = end.after
    terminal.note(
      end.after
        ? `${terminal.paint("green", "✓")} ${step.name}: ${end.model}\n`
        : `${terminal.paint("red", "✗")} ${step.name}: ${end.problem}\n`,
    )
  }
  return ends
}

const createTourClient = (connect: Connect, now: () => number): Pictor => {
  const east = connect("bedrock", "us-east-1")
  return createPictor({
    adapters: [novaCanvas(east), titan(east), stabilityServices(east)],
    imageOps: sharpImages(),
    runtime: { now },
  })
}

const closing = async <Out>(pictor: Pictor, work: Promise<Out>): Promise<Out> => {
  try {
    return await work
  } finally {
    await pictor.close()
  }
}

/**
 * Generates a picture and edits it in five ways, on the emulator. Shows before, mask and after side
 * by side, and the cost of each step.
 */
export const runTour = async (
  options: Options,
  world: World,
  connect: Connect,
): Promise<ExitCode> => {
  const { terminal } = world
  const folder = resolve(world.folder, options.out)
  const refused = await prepareFolder(folder)
  if (refused !== undefined) {
    terminal.note(`${terminal.paint("red", refused)}\n`)
    return exitCodes.usage
  }
  const steps = stepsFor(options.prompt, options.seed ?? defaultSeed)
  terminal.print(
    `\n${terminal.paint("bold", "Pictor")}  a tour of ${steps.length} steps on the emulator: nothing leaves this machine, nothing is charged\n\n`,
  )
  const pictor = createTourClient(connect, world.now)
  const startedMs = world.now()
  const mask = await drawMask()
  const ends = await closing(pictor, walk(steps, { pictor, mask, folder, world }))
  const timeMs = world.now() - startedMs
  terminal.print(
    `\n${renderTable(tourTable(ends, timeMs), terminal.columns, terminal.paint).join("\n")}\n\n`,
  )
  await writeFile(
    join(folder, sheetFile),
    await tourSheet({
      prompt: options.prompt,
      ends,
      total: formatUsd(sumCosts(ends.flatMap(({ cost }) => cost ?? []))),
      madeAtMs: world.now(),
    }),
  )
  terminal.print(`  Pictures       ${folder}\n  Contact sheet  ${join(folder, sheetFile)}\n\n`)
  if (world.signal.aborted) return exitCodes.interrupted
  return ends.length === steps.length && ends.every(({ problem }) => problem === undefined)
    ? exitCodes.delivered
    : exitCodes.incomplete
}
