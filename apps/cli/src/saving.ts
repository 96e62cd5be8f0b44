import { createHash } from "node:crypto"
import { access, constants, mkdir, rename, writeFile } from "node:fs/promises"
import { join, relative, resolve } from "node:path"
import type { Cost, Image } from "@pictor/core"
import type { Cli } from "./cli.ts"
import { CommandError } from "./errors.ts"
import { exitCodes } from "./exit-codes.ts"
import { embedText } from "./png-text.ts"

export interface Saved {
  /** Relative to the current folder. */
  readonly file: string
  readonly sha256: string
  readonly mediaType: string
  readonly width: number
  readonly height: number
  readonly seed?: number
  readonly cost: Cost
  /** Why the recipe is not in the file, with `--embed`. */
  readonly problem?: string
}

export interface Facts {
  readonly live: boolean
  readonly cost: Cost
  readonly requestIds: readonly string[]
  readonly madeAt: string
}

/** Creates the folder before anything is ordered that could not be saved. */
export const prepareFolder = async (folder: string): Promise<void> => {
  try {
    await mkdir(folder, { recursive: true })
    await access(folder, constants.W_OK)
  } catch (error) {
    const { code = "unknown reason" } = error as NodeJS.ErrnoException
    throw new CommandError(
      `Pictures cannot be written into ${folder} (${code}). Give another folder with --out DIR.`,
    )
  }
}

/** A reader never sees half a file. */
const writeWhole = async (path: string, content: string | Uint8Array): Promise<void> => {
  const part = `${path}.${process.pid}.part`
  await writeFile(part, content)
  await rename(part, path)
}

/**
 * Writes a picture and, beside it, its recipe as JSON. The name has the model and the start of the
 * hash, so that no other picture is overwritten.
 */
export const savePicture = async (
  image: Image,
  facts: Facts,
  { folder, embed, cli }: { readonly folder: string; readonly embed: boolean; readonly cli: Cli },
): Promise<Saved> => {
  const about = { recipe: image.recipe, ...facts }
  const embedded = embed ? embedText(image.bytes(), JSON.stringify(about)) : undefined
  const bytes = embedded && "bytes" in embedded ? embedded.bytes : image.bytes()
  const sha256 = createHash("sha256").update(bytes).digest("hex")
  const model = image.recipe.model.replace(/[^\w.-]+/g, "_").slice(-100)
  const path = resolve(folder, `${model}-${sha256.slice(0, 12)}.${image.extension}`)
  try {
    await writeWhole(path, bytes)
    await writeWhole(`${path}.json`, `${JSON.stringify({ ...about, sha256 }, undefined, 2)}\n`)
  } catch (error) {
    const { code = "unknown reason" } = error as NodeJS.ErrnoException
    throw new CommandError(
      `${path} could not be written (${code}). The picture was made and charged.`,
      exitCodes.failed,
    )
  }
  return {
    file: relative(cli.folder, path) || join(folder, path),
    sha256,
    mediaType: image.mediaType,
    width: image.width,
    height: image.height,
    ...(image.seed !== undefined && { seed: image.seed }),
    cost: facts.cost,
    ...(embedded && "problem" in embedded && { problem: embedded.problem }),
  }
}
