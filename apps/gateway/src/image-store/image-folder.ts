import { randomBytes } from "node:crypto"
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { ImageStore } from "@pictor/core"
import { folderSecret, ifThere } from "./folder-secret.ts"
import { digest, remainingMs, signed } from "./image-link.ts"

export interface ImageFolderOptions {
  /** Made where it is missing. Several gateways may share one. */
  readonly folder: string
  /** Where the outside finds the images: `https://images.example.com/files`. Asked at each link. */
  readonly base: () => string
  /** How long a link holds. */
  readonly linkMs: number
  /** How long an image is kept. */
  readonly keepMs: number
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** What a link leads to. */
export type Opened =
  | {
      readonly status: 200
      readonly bytes: Uint8Array
      readonly mediaType: string
      readonly remainingMs: number
    }
  /** No link of ours; its time is over; the image is not kept any more. */
  | { readonly status: 403 | 410 | 404 }

/** An `ImageStore` in a folder of this machine, and the way back from its links. */
export interface ImageFolder extends ImageStore {
  open(name: string, expires: string, signature: string): Promise<Opened>
  /** Deletes what is older than `keepMs`; gives how many images went. */
  clean(): Promise<number>
}

const endings: Readonly<Record<string, string>> = {
  "image/png": "png",
  "image/jpeg": "jpg",
  "image/webp": "webp",
  "image/gif": "gif",
}
const types: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(endings).map(([type, ending]) => [ending, type]),
)
const other = { type: "application/octet-stream", ending: "bin" }
const imageName = /^[\w-]{43}\.(?:png|jpg|webp|gif|bin)$/

const typeOf = (name: string): string => types[name.slice(name.lastIndexOf(".") + 1)] ?? other.type

const cleaner =
  (folder: string, keepMs: number, now: () => number) => async (): Promise<number> => {
    const names = (await readdir(folder)).filter(
      (name) => imageName.test(name) || name.startsWith(".part-"),
    )
    let gone = 0
    for (const name of names) {
      const path = join(folder, name)
      const found = await ifThere(stat(path))
      if (!found || now() - found.mtimeMs < keepMs) continue
      await rm(path, { force: true })
      gone += 1
    }
    return gone
  }

/** Images as files whose names nobody can guess, behind links that are signed and end. */
export const openImageFolder = async ({
  folder,
  base,
  linkMs,
  keepMs,
  now,
}: ImageFolderOptions): Promise<ImageFolder> => {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const secret = await folderSecret(folder)
  const stem = (key: string): string => digest(secret, "image", key)
  const find = async (key: string): Promise<string | undefined> => {
    for (const ending of [...Object.values(endings), other.ending]) {
      const name = `${stem(key)}.${ending}`
      if (await ifThere(stat(join(folder, name)))) return name
    }
    return undefined
  }
  const read = async (name: string) => {
    const bytes = await ifThere(readFile(join(folder, name)))
    return bytes && { bytes, mediaType: typeOf(name) }
  }
  return {
    put: async (key, image) => {
      const part = join(folder, `.part-${randomBytes(16).toString("hex")}`)
      await writeFile(part, image.bytes(), { mode: 0o600 })
      await rename(part, join(folder, `${stem(key)}.${endings[image.mediaType] ?? other.ending}`))
    },
    get: async (key) => {
      const name = await find(key)
      return name === undefined ? undefined : read(name)
    },
    url: async (key) => {
      const name = await find(key)
      return name === undefined
        ? undefined
        : `${base()}/${name}?${signed(secret, name, now() + linkMs)}`
    },
    open: async (name, expires, signature) => {
      const leftMs = imageName.test(name)
        ? remainingMs(secret, name, expires, signature, now())
        : undefined
      if (leftMs === undefined) return { status: 403 }
      if (leftMs <= 0) return { status: 410 }
      const found = await read(name)
      return found ? { status: 200, ...found, remainingMs: leftMs } : { status: 404 }
    },
    clean: cleaner(folder, keepMs, now),
  }
}
