import { randomBytes } from "node:crypto"
import { link, mkdir, readdir, rm, writeFile } from "node:fs/promises"
import { join, resolve } from "node:path"
import type { Image, ImageResult } from "@pictor/core"
import { checkOptionNames, invalid } from "@pictor/core/ledger"
import { hasCode } from "./signed-links.ts"

export interface SaveOptions {
  /** The beginning of every file name. Default: the model's id. */
  readonly name?: string
}

const maxName = 100
const maxTries = 1000

const toFileName = (text: string): string =>
  text
    .replace(/[^\w.-]+/g, "-")
    .replace(/^[.-]+/, "")
    .slice(0, maxName)

const lastNumber = (names: readonly string[], prefix: string): number =>
  names.reduce((last, name) => {
    const [, number] = /^-(\d{1,9})\.\w+$/.exec(name.slice(prefix.length)) ?? []
    return name.startsWith(prefix) && number !== undefined ? Math.max(last, Number(number)) : last
  }, 0)

/** Writes an image under the first free number. A file is never replaced, and never half there. */
const saveImage = async (
  image: Image,
  folder: string,
  prefix: string,
  first: number,
): Promise<{ readonly path: string; readonly number: number }> => {
  const part = join(folder, `.part-${randomBytes(16).toString("hex")}`)
  try {
    await writeFile(part, image.bytes())
    for (let number = first; number < first + maxTries; number += 1) {
      const path = join(folder, `${prefix}-${number}.${image.extension}`)
      try {
        await link(part, path)
        return { path, number }
      } catch (error) {
        if (!hasCode(error, "EEXIST")) throw error
      }
    }
  } finally {
    await rm(part, { force: true })
  }
  throw invalid(`${folder} has no free name for ${prefix}-${first}. Choose another name.`)
}

/**
 * Saves the images of a result as `nova-canvas-1.png`, `nova-canvas-2.png` and so on, after those
 * that are there, and returns their paths.
 *
 * @example
 * const [path] = await saveImages(await pictor.generate(request), "./out")
 */
export const saveImages = async (
  { images, model }: Pick<ImageResult, "images" | "model">,
  folder: string,
  options: SaveOptions = {},
): Promise<readonly string[]> => {
  checkOptionNames("saveImages", options, { name: true })
  const prefix = toFileName(options.name ?? model)
  if (prefix === "") throw invalid("name must have a letter or a digit.")
  const root = resolve(folder)
  await mkdir(root, { recursive: true })
  let next = lastNumber(await readdir(root), prefix) + 1
  const paths: string[] = []
  for (const image of images) {
    const { path, number } = await saveImage(image, root, prefix, next)
    paths.push(path)
    next = number + 1
  }
  return paths
}
