import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Readable, Writable } from "node:stream"
import { painter } from "@pictor/terminal"
import { onTestFinished } from "vitest"
import type { Cli, Ended } from "../cli.ts"
import { run } from "../program.ts"

interface Ran {
  readonly code: Ended
  readonly printed: string
  readonly noted: string
  /** The bytes of standard output, besides text. */
  readonly bytes: Buffer
}

export interface Stage {
  readonly folder: string
  readonly run: (args: readonly string[], input?: string | Buffer) => Promise<Ran>
}

/** The program in this process, without a terminal and with an empty home. */
export const createStage = async (environment: NodeJS.ProcessEnv = {}): Promise<Stage> => {
  const folder = await mkdtemp(join(tmpdir(), "pictor-cli-"))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return {
    folder,
    run: async (args, input = "") => {
      let printed = ""
      let noted = ""
      const chunks: Buffer[] = []
      const sink = new Writable({
        write: (chunk: Buffer, _encoding, done) => {
          chunks.push(chunk)
          done()
        },
      })
      const cli = {
        terminal: {
          columns: 100,
          paint: painter(false),
          redraws: false,
          print: (text: string) => {
            printed += text
          },
          note: (text: string) => {
            noted += text
          },
        },
        stdin: Readable.from(input.length > 0 ? [Buffer.from(input)] : []),
        stdout: sink,
        stderr: sink,
        signal: new AbortController().signal,
        now: () => Date.UTC(2026, 10, 20),
        folder,
        home: folder,
        environment: { ...environment },
      } as unknown as Cli
      const code = await run(args, cli)
      return { code, printed, noted, bytes: Buffer.concat(chunks) }
    },
  }
}
