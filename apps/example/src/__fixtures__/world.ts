import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { painter } from "@pictor/terminal"
import { onTestFinished } from "vitest"
import { emulate } from "../providers.ts"
import type { World } from "../world.ts"

export interface Stage {
  readonly world: World
  /** The text of standard output and of standard error. */
  readonly printed: () => string
  readonly noted: () => string
  readonly questions: readonly string[]
  readonly out: string
}

export interface StageOptions extends Partial<Pick<World, "signal" | "emulate" | "connect">> {
  /** Absent: no terminal. */
  readonly answer?: string
  readonly environment?: NodeJS.ProcessEnv
  readonly columns?: number
}

/** A folder that is deleted after the test. */
export const temporaryFolder = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), "pictor-example-"))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** Lifecycles and prices of the tests are those of this day. */
export const today = Date.parse("2026-12-01T12:00:00Z")

/** A world with its own folder, environment and date, and no access to real APIs. */
export const createStage = async ({
  answer,
  environment = {},
  columns = 100,
  ...given
}: StageOptions = {}): Promise<Stage> => {
  const printed: string[] = []
  const noted: string[] = []
  const questions: string[] = []
  const folder = await temporaryFolder()
  const started = performance.now()
  const ask = async (question: string): Promise<string | undefined> => {
    questions.push(question)
    return answer
  }
  const world: World = {
    terminal: {
      columns,
      paint: painter(false),
      redraws: false,
      print: (text) => void printed.push(text),
      note: (text) => void noted.push(text),
      ...(answer === undefined ? {} : { ask }),
    },
    signal: given.signal ?? new AbortController().signal,
    now: () => today + Math.floor(performance.now() - started),
    folder,
    surroundings: { environment, home: folder, exists: () => false },
    emulate: given.emulate ?? emulate,
    connect:
      given.connect ??
      (() => {
        throw new Error("a real API was called")
      }),
  }
  return {
    world,
    printed: () => printed.join(""),
    noted: () => noted.join(""),
    questions,
    out: join(folder, "out"),
  }
}
