import { createHmac, randomBytes, timingSafeEqual } from "node:crypto"
import { link, mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { ImageStore } from "@pictor/core"

export interface ImageFolderOptions {
  /** Created if missing. Several gateways may share one. */
  readonly folder: string
  /** Public base of the links: `https://images.example.com/files`. Called for each link. */
  readonly base: () => string
  readonly linkMs: number
  readonly keepMs: number
  readonly now: () => number
}

/** The image behind a link. */
export type Opened =
  | {
      readonly status: 200
      readonly bytes: Uint8Array
      readonly mediaType: string
      readonly remainingMs: number
    }
  /** Not a link of this folder; expired; the image is deleted. */
  | { readonly status: 403 | 410 | 404 }

/** An `ImageStore` in a local folder, which also opens its own links. */
export interface ImageFolder extends ImageStore {
  open(name: string, expires: string, signature: string): Promise<Opened>
  /** Deletes images older than `keepMs`; returns their number. */
  clean(): Promise<number>
}

const types: Readonly<Record<string, string>> = {
  png: "image/png",
  jpg: "image/jpeg",
  webp: "image/webp",
  gif: "image/gif",
  bin: "application/octet-stream",
}
const imageName = /^[\w-]{43}\.(?:png|jpg|webp|gif|bin)$/

const createClean =
  (folder: string, keepMs: number, now: () => number) => async (): Promise<number> => {
    const names = (await readdir(folder)).filter(
      (name) => imageName.test(name) || name.startsWith(".part-"),
    )
    let deleted = 0
    for (const name of names) {
      const path = join(folder, name)
      const found = await ifExists(stat(path))
      if (!found || now() - found.mtimeMs < keepMs) continue
      await rm(path, { force: true })
      deleted += 1
    }
    return deleted
  }

const hasCode = (thrown: unknown, code: string): boolean =>
  thrown instanceof Error && "code" in thrown && thrown.code === code

/** Undefined if the file does not exist. */
const ifExists = async <Out>(work: Promise<Out>): Promise<Out | undefined> =>
  work.catch((thrown: unknown) => {
    if (hasCode(thrown, "ENOENT")) return undefined
    throw thrown
  })

/** The folder's secret: links stay valid after a restart and for every gateway on the folder. */
const openSecret = async (folder: string): Promise<Buffer> => {
  const path = join(folder, ".secret")
  const secret = await ifExists(readFile(path))
  if (secret) return secret
  const draft = join(folder, `.secret-${randomBytes(8).toString("hex")}`)
  await writeFile(draft, randomBytes(32), { mode: 0o600 })
  // Linking is atomic: the first process wins, and none reads half a secret.
  await link(draft, path).catch((thrown: unknown) => {
    if (!hasCode(thrown, "EEXIST")) throw thrown
  })
  await rm(draft)
  return readFile(path)
}

const digest = (secret: Uint8Array, ...parts: readonly string[]): string =>
  createHmac("sha256", secret).update(parts.join("\n")).digest("base64url")

/** The query of a link that expires at a time in milliseconds since 1970. */
const signedQuery = (secret: Uint8Array, name: string, expiresMs: number): string => {
  const expires = String(Math.ceil(expiresMs / 1000))
  const signature = digest(secret, "link", name, expires)
  return new URLSearchParams({ expires, signature }).toString()
}

/** The remaining time of a link, at most 0 if it has expired; undefined if it is forged. */
const remainingOf = (
  secret: Uint8Array,
  name: string,
  expires: string,
  signature: string,
  nowMs: number,
): number | undefined => {
  const expected = Buffer.from(digest(secret, "link", name, expires))
  const given = Buffer.from(signature)
  return expected.length === given.length && timingSafeEqual(expected, given)
    ? Number(expires) * 1000 - nowMs
    : undefined
}

/** Images as files with unguessable names, behind signed links that expire. */
export const openImageFolder = async ({
  folder,
  base,
  linkMs,
  keepMs,
  now,
}: ImageFolderOptions): Promise<ImageFolder> => {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const secret = await openSecret(folder)
  const stem = (key: string): string => digest(secret, "image", key)
  const find = async (key: string): Promise<string | undefined> => {
    for (const extension of Object.keys(types)) {
      const name = `${stem(key)}.${extension}`
      if (await ifExists(stat(join(folder, name)))) return name
    }
    return undefined
  }
  const read = async (name: string) => {
    const bytes = await ifExists(readFile(join(folder, name)))
    return bytes && { bytes, mediaType: types[name.slice(name.lastIndexOf(".") + 1)] ?? "" }
  }
  return {
    put: async (key, image) => {
      const part = join(folder, `.part-${randomBytes(16).toString("hex")}`)
      try {
        await writeFile(part, image.bytes(), { mode: 0o600 })
        await rename(part, join(folder, `${stem(key)}.${image.extension}`))
      } catch (error) {
        // On a full disk, what is left of it would keep the disk full.
        await rm(part, { force: true }).catch(() => undefined)
        throw error
      }
    },
    get: async (key) => {
      const name = await find(key)
      return name === undefined ? undefined : read(name)
    },
    url: async (key) => {
      const name = await find(key)
      return name === undefined
        ? undefined
        : `${base()}/${name}?${signedQuery(secret, name, now() + linkMs)}`
    },
    open: async (name, expires, signature) => {
      const leftMs = imageName.test(name)
        ? remainingOf(secret, name, expires, signature, now())
        : undefined
      if (leftMs === undefined) return { status: 403 }
      if (leftMs <= 0) return { status: 410 }
      const found = await read(name)
      return found ? { status: 200, ...found, remainingMs: leftMs } : { status: 404 }
    },
    clean: createClean(folder, keepMs, now),
  }
}
