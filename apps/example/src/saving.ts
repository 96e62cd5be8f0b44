import { access, constants, mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { Image } from "@pictor/core"
import type { Picture } from "./outcome.ts"

/** `amazon.nova-canvas-v1_0-1.png`: valid in every file system. `number` counts from 1. */
export const fileName = (model: string, number: number, extension: string): string =>
  `${model.replace(/[^\w.-]+/g, "_").slice(-150)}-${number}.${extension}`

/**
 * Creates the folder, before anything is ordered that could not be saved. Returns an error message
 * if the folder cannot be used.
 */
export const prepareFolder = async (folder: string): Promise<string | undefined> => {
  try {
    await mkdir(folder, { recursive: true })
    await access(folder, constants.W_OK)
    return undefined
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "unknown reason"
    return `Pictures cannot be written into ${folder} (${code}). Give another folder with --out DIR.`
  }
}

/** Writes one picture. If that fails, the picture stays in memory for the contact sheet. */
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
