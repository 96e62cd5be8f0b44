import { spawn } from "node:child_process"
import { once } from "node:events"
import { readdirSync, statSync } from "node:fs"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { setImmediate } from "node:timers/promises"
import { fileURLToPath } from "node:url"

export const writtenBytes = 32_000_000

/** Whether an image of the folder is there in part. */
const isWriting = (folder: string): boolean =>
  readdirSync(folder).some((name) => {
    // A file may be renamed meanwhile.
    const size = statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0
    return size > 1_000_000 && size < writtenBytes && !name.startsWith("index.db")
  })

/**
 * Runs a process that stores images in a folder without end, and kills it with SIGKILL while it
 * writes one, after it has stored some. Returns the keys that it reported.
 */
export const killWriter = async (folder: string, round: number): Promise<readonly string[]> => {
  const path = fileURLToPath(new URL("writer.ts", import.meta.url))
  const words = ["--conditions=@pictor/source", path, folder, String(round)]
  const child = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "inherit"] })
  const keys: string[] = []
  const ended = once(child, "close")
  const lines = createInterface({ input: child.stdout })
  lines.on("line", (line) => {
    if (line.endsWith(".")) keys.push(line.slice(0, -1))
  })
  await Promise.race([once(lines, "line"), ended])
  while (child.exitCode === null && !isWriting(folder)) await setImmediate()
  child.kill("SIGKILL")
  await ended
  return keys
}
