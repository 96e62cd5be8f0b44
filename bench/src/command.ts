import { availableParallelism, loadavg } from "node:os"
import { help, readArguments } from "./arguments.ts"
import type { Benchmark } from "./benchmark.ts"
import { type Result, run } from "./harness.ts"
import { table } from "./table.ts"

export interface Command<World> {
  /** As the user types it. */
  readonly name: string
  /** Names of all benchmarks. */
  readonly names: readonly string[]
  /** A line about the machine and what is measured. */
  readonly environment: string
  /** Opens what the selected benchmarks share. */
  readonly open: (isSelected: (name: string) => boolean) => Promise<Opened<World>>
}

interface Opened<World> {
  readonly world: World
  readonly benchmarks: readonly Benchmark<World>[]
  readonly close: () => Promise<void>
}

const measure = async <World>(
  { open }: Command<World>,
  only: readonly string[],
  pairs: number | undefined,
): Promise<readonly Result[]> => {
  const isSelected = (name: string): boolean =>
    only.length === 0 || only.some((part) => name.includes(part))
  const { world, benchmarks, close } = await open(isSelected)
  const results: Result[] = []
  try {
    for (const benchmark of benchmarks.filter(({ name }) => isSelected(name))) {
      if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${benchmark.name} …\r`)
      results.push(await run(benchmark, world, pairs))
    }
    return results
  } finally {
    await close()
  }
}

const runToExitCode = async <World>(command: Command<World>): Promise<number> => {
  const { names, name, environment } = command
  const { help: isHelp, only, pairs } = readArguments(process.argv.slice(2), names)
  if (isHelp) {
    console.log(help(name, names))
    return 0
  }
  const before = loadavg()[0] ?? 0
  const results = await measure(command, only, pairs)
  const missed = results.filter(({ passed }) => passed === false)
  const load = `load ${before.toFixed(1)} before, ${(loadavg()[0] ?? 0).toFixed(1)} after`
  console.log(
    `${environment}Node ${process.versions.node}, ${availableParallelism()} processors, ${load}\n\n${table(results)}\n`,
  )
  console.log(
    missed.length === 0
      ? "All gates passed."
      : `Gates missed: ${missed.map(({ benchmark }) => benchmark.name).join(", ")}.`,
  )
  return missed.length === 0 ? 0 : 1
}

/** Runs a command; its exit code is 1 if a gate is missed and 2 if a measurement fails. */
export const runCommand = async <World>(command: Command<World>): Promise<void> => {
  try {
    process.exitCode = await runToExitCode(command)
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    process.exitCode = 2
  }
}
