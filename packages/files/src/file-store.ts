import { randomBytes } from "node:crypto"
import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises"
import { join, resolve } from "node:path"
import { pathToFileURL } from "node:url"
import type { ImageStore } from "@pictor/core"
import { checkOptionNames } from "@pictor/core/ledger"
import {
  checkEntry,
  type ImageIndex,
  type IndexOptions,
  type IndexPlace,
  openImageIndex,
} from "./image-index.ts"
import { lazy } from "./lazy.ts"
import { digest, ifExists, openSecret, remainingOf, signedQuery } from "./signed-links.ts"

export interface FileStoreOptions extends IndexOptions {
  /**
   * Public base of the links: `https://images.example.com/files`. A function is called for each
   * link. Default: links are `file:` URLs, for readers on this machine.
   */
  readonly base?: string | (() => string)
  /** How long a link of `base` is valid. Default one hour. */
  readonly linkMs?: number
  /** The age at which `clean` deletes an image. Default: none. */
  readonly keepMs?: number
  /**
   * Default: a SQLite file `index.db` in the folder. Processes on several machines that share the
   * folder need a PostgreSQL database.
   */
  readonly index?: IndexPlace
}

/** The image behind a link. */
export type OpenedLink =
  | {
      readonly status: 200
      readonly bytes: Uint8Array
      readonly mediaType: string
      readonly remainingMs: number
    }
  /** Not a link of this folder; expired; the image is deleted. */
  | { readonly status: 403 | 410 | 404 }

/** An `ImageStore` in a local folder, which also opens its own links. */
export interface FileStore extends ImageStore {
  list: NonNullable<ImageStore["list"]>
  /** Makes the folder and its index now, and throws if it cannot. */
  ready(): Promise<void>
  /** Opens a link of `base`: the last part of its path, and its query. */
  open(name: string, expires: string, signature: string): Promise<OpenedLink>
  /** Deletes images older than `keepMs` and incomplete files; returns the number of images. */
  clean(): Promise<number>
  close(): Promise<void>
}

const types: Readonly<Record<string, string>> = {
  png: "image/png",
  jpg: "image/jpeg",
  webp: "image/webp",
  gif: "image/gif",
  bin: "application/octet-stream",
}
const imageName = /^[\w-]{43}\.(?:png|jpg|webp|gif|bin)$/
const partPrefix = ".part-"
const hourMs = 3_600_000

const optionNames = {
  base: true,
  linkMs: true,
  keepMs: true,
  index: true,
  recipes: true,
  now: true,
} as const

/** Deletes files older than an age; returns their number. */
const deleteOld = async (
  folder: string,
  names: readonly string[],
  beforeMs: number,
): Promise<number> => {
  let deleted = 0
  for (const name of names) {
    const path = join(folder, name)
    const found = await ifExists(stat(path))
    if (!found || found.mtimeMs > beforeMs) continue
    await rm(path, { force: true })
    deleted += 1
  }
  return deleted
}

const openFolder = async (folder: string, { index, ...options }: FileStoreOptions) => {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const secret = await openSecret(folder)
  const path = join(folder, "index.db")
  // SQLite makes a file that everybody can read.
  if (index === undefined) await (await open(path, "a", 0o600)).close()
  return {
    secret,
    index: await openImageIndex(index ?? `file:${encodeURIComponent(path)}`, options),
  }
}

/** Writes a file. It gets its name once all of it is on the disk, so no reader sees a part. */
const writeWhole = async (folder: string, name: string, bytes: Uint8Array): Promise<void> => {
  const part = join(folder, `${partPrefix}${randomBytes(16).toString("hex")}`)
  try {
    await writeFile(part, bytes, { mode: 0o600, flush: true })
    await rename(part, join(folder, name))
  } catch (error) {
    // On a full disk, what is left of it would keep the disk full.
    await rm(part, { force: true }).catch(() => undefined)
    throw error
  }
}

const filesIn = (root: string) => ({
  /** The name of a key's file. */
  find: async (secret: Uint8Array, key: string): Promise<string | undefined> => {
    const stem = digest(secret, "image", key)
    for (const extension of Object.keys(types)) {
      const name = `${stem}.${extension}`
      if (await ifExists(stat(join(root, name)))) return name
    }
    return undefined
  },
  read: async (name: string) => {
    const bytes = await ifExists(readFile(join(root, name)))
    return bytes && { bytes, mediaType: types[name.slice(name.lastIndexOf(".") + 1)] ?? "" }
  },
})

const cleanFolder = async (
  root: string,
  index: ImageIndex,
  keepMs: number | undefined,
  nowMs: number,
): Promise<number> => {
  const names = await readdir(root)
  const parts = names.filter((name) => name.startsWith(partPrefix))
  await deleteOld(root, parts, nowMs - hourMs)
  if (keepMs === undefined) return 0
  await index.forget(nowMs - keepMs)
  const images = names.filter((name) => imageName.test(name))
  return deleteOld(root, images, nowMs - keepMs)
}

/**
 * Images as files with unguessable names, with an index to list them. The folder is made by the
 * first call that needs it.
 *
 * @example
 * const imageStore = fileStore("./pictures")
 * const pictor = createPictor({ adapters, ledger, imageStore })
 * const { images } = await imageStore.list({ from: "2026-11-20", tags: { project: "tea" } })
 */
export const fileStore = (folder: string, options: FileStoreOptions = {}): FileStore => {
  checkOptionNames("fileStore", options, optionNames)
  const { base, linkMs = hourMs, keepMs, now = Date.now } = options
  const root = resolve(folder)
  const opened = lazy(() => openFolder(root, options))

  const { find, read } = filesIn(root)
  const linkTo = (secret: Uint8Array, name: string): string => {
    if (base === undefined) return pathToFileURL(join(root, name)).href
    const start = typeof base === "string" ? base : base()
    return `${start}/${name}?${signedQuery(secret, name, now() + linkMs)}`
  }

  return {
    put: async (key, image, about) => {
      checkEntry(key, about)
      const { secret, index } = await opened.get()
      const former = await find(secret, key)
      const name = `${digest(secret, "image", key)}.${image.extension}`
      const bytes = image.bytes()
      await writeWhole(root, name, bytes)
      if (former !== undefined && former !== name) await rm(join(root, former), { force: true })
      const { mediaType } = image
      await index.put({ key, mediaType, byteLength: bytes.byteLength }, about)
    },
    get: async (key) => {
      const name = await find((await opened.get()).secret, key)
      return name === undefined ? undefined : read(name)
    },
    url: async (key) => {
      const { secret } = await opened.get()
      const name = await find(secret, key)
      return name === undefined ? undefined : linkTo(secret, name)
    },
    ready: async () => void (await opened.get()),
    list: async (query) => (await opened.get()).index.list(query),
    open: async (name, expires, signature) => {
      const { secret } = await opened.get()
      const leftMs = imageName.test(name)
        ? remainingOf(secret, name, expires, signature, now())
        : undefined
      if (leftMs === undefined) return { status: 403 }
      if (leftMs <= 0) return { status: 410 }
      const found = await read(name)
      return found ? { status: 200, ...found, remainingMs: leftMs } : { status: 404 }
    },
    clean: async () => cleanFolder(root, (await opened.get()).index, keepMs, now()),
    close: async () => {
      const folderOpen = await opened.opened()?.catch(() => undefined)
      await folderOpen?.index.close()
    },
  }
}
