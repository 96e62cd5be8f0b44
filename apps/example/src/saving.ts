import { access, constants, mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { Image } from "@pictor/core"
import type { Picture } from "./outcome.ts"

/** `amazon.nova-canvas-v1_0-1.png`: a name that every file system takes. `number` counts from 1. */
export const fileName = (model: string, number: number, extension: string): string =>
  `${model.replace(/[^\w.-]+/g, "_").slice(-150)}-${number}.${extension}`

/**
 * Makes the folder, before anything is paid for that could not be kept; the sentence that says why
 * it cannot be used, if so.
 */
export const prepareFolder = async (folder: string): Promise<string | undefined> => {
  try {
    await mkdir(folder, { recursive: true })
    await access(folder, constants.W_OK)
    return undefined
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "unknown reason"
    return `Pictures cannot be written into ${folder} (${code}): give another folder with --out DIR.`
  }
}

/** Writes one picture. Where that fails it is kept in memory, for the contact sheet. */
export const savePicture = async (
  folder: string,
  file: string,
  image: Image,
): Promise<{ readonly picture: Picture; readonly problem?: string }> => {
  const sha256 = await image.sha256()
  try {
    await writeFile(join(folder, file), image.bytes())
    return { picture: { image, sha256, file } }
  } catch (error) {
    return {
      picture: { image, sha256 },
      problem: `${file} could not be written (${(error as NodeJS.ErrnoException).code ?? "unknown reason"})`,
    }
  }
}
