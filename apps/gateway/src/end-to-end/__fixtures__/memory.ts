import type { Command } from "./command.ts"

/** Node options of a process for {@link memoryOf}. */
export const collecting: Readonly<Record<string, string>> = {
  NODE_OPTIONS: `--conditions=@pictor/source --import=${import.meta.resolve("./collect-garbage.ts")}`,
}

/** In bytes. */
export interface Memory {
  readonly heap: number
  readonly external: number
  readonly whole: number
  /** Peak memory of the process. */
  readonly peak: number
}

const told = /^memory \d+: (\d+) (\d+) (\d+) (\d+)$/gm

/** Memory of a process after garbage collection. */
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

/** Standard error of a gateway except its start message: empty if nothing fails. */
export const complaints = (command: Command): readonly string[] =>
  command
    .said("stderr")
    .split("\n")
    .filter((line) => line !== "" && !/^(Listening on|note:|memory) /.test(line))
