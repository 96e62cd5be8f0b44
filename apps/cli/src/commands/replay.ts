import { readFile, stat } from "node:fs/promises"
import { resolve } from "node:path"
import { ImageError, type ImageResult, isImageError, type Recipe } from "@pictor/core"
import type { Command } from "commander"
import type { Cli } from "../cli.ts"
import { openClient } from "../client.ts"
import { CommandError } from "../errors.ts"
import { exitCodes } from "../exit-codes.ts"
import { announce, type OrderOptions, prepareOrder, toStdout } from "../order.ts"
import { embeddedText } from "../png-text.ts"
import { collect, createReader } from "../request.ts"
import { savePicture } from "../saving.ts"
import { addOrderOptions } from "./task.ts"

const maxFileBytes = 100 * 1024 * 1024

const isRecipe = (value: unknown): value is Recipe =>
  typeof value === "object" &&
  value !== null &&
  (value as Partial<Recipe>).v === 1 &&
  typeof (value as Partial<Recipe>).model === "string" &&
  typeof (value as Partial<Recipe>).request === "object"

/** From the JSON beside a picture, or from a PNG with an embedded recipe. */
const readRecipe = async (file: string, { folder }: Cli): Promise<Recipe> => {
  const path = resolve(folder, file)
  try {
    if ((await stat(path)).size > maxFileBytes) throw new CommandError(`${file} is too large.`)
    const bytes = await readFile(path)
    const value: unknown = JSON.parse(embeddedText(bytes) ?? bytes.toString("utf8"))
    const recipe = (value as { readonly recipe?: unknown } | null)?.recipe ?? value
    if (isRecipe(recipe)) return recipe
  } catch (error) {
    if (error instanceof CommandError) throw error
    const { code } = error as NodeJS.ErrnoException
    if (code) throw new CommandError(`${file} cannot be read (${code}).`)
  }
  throw new CommandError(
    `${file} has no recipe. Give the .json file beside a picture, or a PNG made with --embed.`,
  )
}

/** The slot of the recipe's image. A call of several images makes and charges all of them. */
const deliveredAt = ({ slots, cost }: ImageResult, index: number) => {
  const slot = slots[index]
  if (slot?.status === "delivered") return slot
  if (slot?.status === "failed") throw slot.error
  throw new ImageError({
    code: "content_filtered",
    message: `Image ${index} of the call was not delivered again.`,
    slots,
    cost,
  })
}

interface Flags extends OrderOptions {
  readonly live?: boolean
  readonly region?: string
  readonly input?: readonly string[]
}

const replay = async (file: string, flags: Flags, cli: Cli): Promise<number> => {
  const recipe = await readRecipe(file, cli)
  const reader = createReader(cli)
  const inputs: Record<string, Uint8Array> = {}
  for (const [index, path] of (flags.input ?? []).entries())
    inputs[`input${index + 1}`] = await reader.file("--input", path)
  const opened = await openClient(cli, {
    live: flags.live ?? false,
    region: flags.region,
    records: true,
    images: flags.input !== undefined,
  })
  try {
    const plan = await opened.pictor.planReplay(recipe, { inputs }).catch((error: unknown) => {
      if (!isImageError(error)) throw error
      const lacksInput = error.issues?.some(({ path }) => path.startsWith("inputs.")) ?? false
      const advice = lacksInput ? " Give the input pictures with --input FILE." : ""
      throw new CommandError(`${error.message}${advice}`)
    })
    if (!flags.quiet) announce(opened, [plan], cli)
    const folder = await prepareOrder(opened, [{ ...plan, n: 1 }], flags, cli)
    const result = await opened.pictor.run(plan, { signal: cli.signal })
    const { image, cost } = deliveredAt(result, recipe.index)
    if (folder === toStdout) {
      cli.stdout.write(image.bytes())
      return exitCodes.success
    }
    const facts = {
      live: opened.live,
      cost,
      requestIds: result.requestIds,
      madeAt: new Date(cli.now()).toISOString(),
    }
    const saved = await savePicture(image, facts, { folder, embed: flags.embed ?? false, cli })
    cli.terminal.print(flags.json ? `${JSON.stringify(saved, undefined, 2)}\n` : `${saved.file}\n`)
    return exitCodes.success
  } finally {
    await opened.pictor.close()
  }
}

export const configureReplay = async (
  command: Command,
  cli: Cli,
  end: (code: number) => void,
): Promise<void> => {
  addOrderOptions(command)
    .argument("<file>", "the JSON beside a picture, or a PNG made with --embed")
    .option("--input <file>", "an input picture; may be repeated", collect)
    .option("--live", "order from the provider; without it, an emulator draws")
    .option("--region <name>", "the AWS region")
    .action(async (file: string, flags: Flags) => end(await replay(file, flags, cli)))
}
