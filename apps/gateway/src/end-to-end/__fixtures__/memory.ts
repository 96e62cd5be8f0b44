import type { Command } from "./command.ts"

/** For a process whose {@link memoryOf} is asked. */
export const collecting: Readonly<Record<string, string>> = {
  NODE_OPTIONS: `--conditions=@pictor/source --import=${import.meta.resolve("./collecting.ts")}`,
}

/** In bytes. */
export interface Memory {
  readonly heap: number
  readonly external: number
  readonly whole: number
  /** The most that the process ever had. */
  readonly peak: number
}

const told = /^memory \d+: (\d+) (\d+) (\d+) (\d+)$/gm

/** What a process holds when all that nobody needs is gone. */
export const memoryOf = async (command: Command): Promise<Memory> => {
  const count = [...command.said("stderr").matchAll(told)].length + 1
  command.signal("SIGUSR2")
  await command.tells(`memory ${count}: `)
  const [, heap, external, whole, peak] = [...command.said("stderr").matchAll(told)].at(-1) ?? []
  return {
    heap: Number(heap),
    external: Number(external),
    whole: Number(whole),
    peak: Number(peak),
  }
}

/** What a gateway's process said to people beside that it serves: nothing, where nothing went wrong. */
export const complaints = (command: Command): readonly string[] =>
  command
    .said("stderr")
    .split("\n")
    .filter((line) => line !== "" && !/^(Listening on|note:|memory) /.test(line))
