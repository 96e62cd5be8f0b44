import { spawn } from "node:child_process"
import { once } from "node:events"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"

export interface Worker {
  /** Its output so far. */
  readonly lines: Readonly<Record<string, unknown>>[]
  /** Resolves with the first line that has this property. */
  line(property: string): Promise<Readonly<Record<string, unknown>>>
  send(line: string): void
  /** Kills the process with SIGKILL. */
  kill(): Promise<void>
}

/** Runs `worker.ts` in a child process. */
export const startWorker = (...words: readonly string[]): Worker => {
  const path = fileURLToPath(new URL("worker.ts", import.meta.url))
  const child = spawn(process.execPath, ["--conditions=@pictor/source", path, ...words], {
    stdio: ["pipe", "pipe", "pipe"],
  })
  const lines: Readonly<Record<string, unknown>>[] = []
  let errors = ""
  child.stderr.on("data", (text: Buffer) => {
    errors += text.toString()
  })
  const reader = createInterface({ input: child.stdout })
  // A killed process may leave an incomplete line.
  reader.on("line", (line) => line.endsWith("}") && lines.push(JSON.parse(line)))
  const ended = once(child, "close")
  return {
    lines,
    line: async (property) => {
      const find = () => lines.find((line) => property in line)
      while (!find() && child.exitCode === null && child.signalCode === null)
        await Promise.race([once(reader, "line"), ended])
      const found = find()
      if (!found) throw new Error(`The worker ended without a line "${property}": ${errors}`)
      return found
    },
    send: (line) => void child.stdin.write(`${line}\n`),
    kill: async () => {
      child.kill("SIGKILL")
      await ended
    },
  }
}
