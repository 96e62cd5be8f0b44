import { spawn } from "node:child_process"
import { once } from "node:events"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"

export interface Worker {
  /** What it said, as it comes. */
  readonly lines: Readonly<Record<string, unknown>>[]
  /** The first line that has this property. */
  said(property: string): Promise<Readonly<Record<string, unknown>>>
  tell(line: string): void
  /** As a power cut would. */
  kill(): Promise<void>
}

/** Runs `worker.ts` in a process of its own. */
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
  // A killed process may leave half a line.
  reader.on("line", (line) => line.endsWith("}") && lines.push(JSON.parse(line)))
  const ended = once(child, "close")
  return {
    lines,
    said: async (property) => {
      const find = () => lines.find((line) => property in line)
      while (!find() && child.exitCode === null && child.signalCode === null)
        await Promise.race([once(reader, "line"), ended])
      const line = find()
      if (!line) throw new Error(`The worker ended and never said "${property}": ${errors}`)
      return line
    },
    tell: (line) => void child.stdin.write(`${line}\n`),
    kill: async () => {
      child.kill("SIGKILL")
      await ended
    },
  }
}
