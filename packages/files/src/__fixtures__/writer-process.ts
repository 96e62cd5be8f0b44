import { spawn } from "node:child_process"
import { once } from "node:events"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"

/** Starts a process that stores images in a folder without end. */
export const startWriter = (folder: string, round: number) => {
  const path = fileURLToPath(new URL("writer.ts", import.meta.url))
  const words = ["--conditions=@pictor/source", path, folder, String(round)]
  const child = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "inherit"] })
  return {
    /** Kills it with SIGKILL once it has stored so many; returns the keys that it reported. */
    killAfter: async (count: number): Promise<readonly string[]> => {
      const keys: string[] = []
      const ended = once(child, "close")
      for await (const line of createInterface({ input: child.stdout })) {
        if (line.endsWith(".")) keys.push(line.slice(0, -1))
        if (keys.length === count) child.kill("SIGKILL")
      }
      await ended
      return keys
    },
  }
}
