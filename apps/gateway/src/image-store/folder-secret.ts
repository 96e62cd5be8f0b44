import { randomBytes } from "node:crypto"
import { link, readFile, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"

const hasCode = (thrown: unknown, code: string): boolean =>
  thrown instanceof Error && "code" in thrown && thrown.code === code

/** Undefined where the file is not there. */
export const ifThere = async <Out>(work: Promise<Out>): Promise<Out | undefined> =>
  work.catch((thrown: unknown) => {
    if (hasCode(thrown, "ENOENT")) return undefined
    throw thrown
  })

/** A folder's own secret, drawn by whoever comes first: links hold after a restart, and for every gateway on the folder. */
export const folderSecret = async (folder: string): Promise<Buffer> => {
  const path = join(folder, ".secret")
  const known = await ifThere(readFile(path))
  if (known) return known
  const drawn = join(folder, `.secret-${randomBytes(8).toString("hex")}`)
  await writeFile(drawn, randomBytes(32), { mode: 0o600 })
  // Whoever links first wins, and nobody ever reads half a secret.
  await link(drawn, path).catch((thrown: unknown) => {
    if (!hasCode(thrown, "EEXIST")) throw thrown
  })
  await rm(drawn)
  return readFile(path)
}
