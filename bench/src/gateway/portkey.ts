import { execFile } from "node:child_process"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"

const version = "1.15.2"
const longestMs = 120_000

export interface Portkey {
  /** The script to run; absent if the installation failed for `reason`. */
  readonly program?: string
  readonly reason?: string
  readonly remove: () => Promise<void>
}

/** Portkey has 95 packages, so that it is installed into a temporary folder for the run. */
export const installPortkey = async (): Promise<Portkey> => {
  const folder = await mkdtemp(join(tmpdir(), "pictor-bench-"))
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true })
  try {
    const words = [
      "install",
      "--no-audit",
      "--no-fund",
      "--ignore-scripts",
      "--prefix",
      folder,
      `@portkey-ai/gateway@${version}`,
    ]
    await promisify(execFile)("npm", words, { timeout: longestMs })
    return {
      program: join(folder, "node_modules/@portkey-ai/gateway/build/start-server.js"),
      remove,
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message.split("\n")[0] : String(error)
    return { reason: `Portkey was not measured: it could not be installed (${reason})`, remove }
  }
}
