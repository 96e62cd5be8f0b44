import { spawn } from "node:child_process"
import { once } from "node:events"
import { join } from "node:path"
import { createInterface } from "node:readline"

export interface CommandOptions {
  readonly args: readonly string[]
  /** Working folder. */
  readonly folder: string
  /** The environment; nothing is inherited. */
  readonly environment?: Readonly<Record<string, string>>
}

export interface Command {
  /** Lines of the log. */
  readonly log: readonly Readonly<Record<string, unknown>>[]
  /** The output so far. */
  said(stream: "stdout" | "stderr"): string
  /** Resolves when the text is in standard error. */
  tells(words: string): Promise<void>
  signal(name: NodeJS.Signals): void
  /** The exit code; null after a signal. */
  readonly ended: Promise<number | null>
}

const main = join(import.meta.dirname, "../../main.ts")

/** Halves the start time: https://nodejs.org/api/cli.html#node_compile_cachedir. */
const compileCache = join(import.meta.dirname, "../../../node_modules/.cache/end-to-end")

/** Runs the gateway's command in its own process. */
export const startCommand = ({ args, folder, environment = {} }: CommandOptions): Command => {
  const child = spawn(process.execPath, ["--conditions=@pictor/source", main, ...args], {
    cwd: folder,
    env: {
      PATH: process.env["PATH"],
      AWS_EC2_METADATA_DISABLED: "true",
      NODE_COMPILE_CACHE: compileCache,
      ...environment,
    },
  })
  const log: Record<string, unknown>[] = []
  const texts = { stdout: "", stderr: "" }
  for (const stream of ["stdout", "stderr"] as const)
    child[stream].setEncoding("utf8").on("data", (text: string) => {
      texts[stream] += text
    })
  // A killed process may leave an incomplete line.
  createInterface({ input: child.stdout }).on("line", (line) => {
    if (line.startsWith("{") && line.endsWith("}"))
      log.push(JSON.parse(line) as Record<string, unknown>)
  })
  const ended = once(child, "close").then(() => child.exitCode)
  return {
    log,
    said: (stream) => texts[stream],
    tells: async (words) => {
      while (!texts.stderr.includes(words)) {
        if (child.exitCode !== null || child.signalCode !== null)
          throw new Error(`It ended with ${child.exitCode}: ${texts.stderr}`)
        await Promise.race([once(child.stderr, "data"), ended])
      }
    },
    signal: (name) => void child.kill(name),
    ended,
  }
}

export interface Served extends Command {
  readonly url: string
}

/** Starts a gateway on a free port; resolves when it serves. */
export const startServing = async (options: CommandOptions): Promise<Served> => {
  const command = startCommand({ ...options, args: ["--port", "0", ...options.args] })
  await command.tells("Listening on ")
  return { ...command, url: String(/Listening on (\S+)/.exec(command.said("stderr"))?.[1]) }
}
