import { createHmac, randomBytes, timingSafeEqual } from "node:crypto"
import { link, readFile, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"

export const hasCode = (thrown: unknown, code: string): boolean =>
  thrown instanceof Error && "code" in thrown && thrown.code === code

/** Undefined if the file does not exist. */
export const ifExists = async <Out>(work: Promise<Out>): Promise<Out | undefined> =>
  work.catch((thrown: unknown) => {
    if (hasCode(thrown, "ENOENT")) return undefined
    throw thrown
  })

/** The folder's secret: links stay valid after a restart and for every process on the folder. */
export const openSecret = async (folder: string): Promise<Buffer> => {
  const path = join(folder, ".secret")
  const secret = await ifExists(readFile(path))
  if (secret) return secret
  const draft = join(folder, `.secret-${randomBytes(8).toString("hex")}`)
  await writeFile(draft, randomBytes(32), { mode: 0o600, flush: true })
  // Linking is atomic: the first process wins, and none reads half a secret.
  await link(draft, path).catch((thrown: unknown) => {
    if (!hasCode(thrown, "EEXIST")) throw thrown
  })
  await rm(draft)
  return readFile(path)
}

export const digest = (secret: Uint8Array, ...parts: readonly string[]): string =>
  createHmac("sha256", secret).update(parts.join("\n")).digest("base64url")

/** The query of a link that expires at a time in milliseconds since 1970. */
export const signedQuery = (secret: Uint8Array, name: string, expiresMs: number): string => {
  const expires = String(Math.ceil(expiresMs / 1000))
  const signature = digest(secret, "link", name, expires)
  return new URLSearchParams({ expires, signature }).toString()
}

/** The remaining time of a link, at most 0 if it has expired; undefined if it is forged. */
export const remainingOf = (
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
