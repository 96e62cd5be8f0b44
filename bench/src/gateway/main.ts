import { availableParallelism, loadavg } from "node:os"
import { help, readArguments } from "../arguments.ts"
import { type Result, run } from "../harness.ts"
import { table } from "../table.ts"
import { gatewayBenchmarks, type World } from "./benchmarks.ts"
import { installPortkey } from "./portkey.ts"
import { pinning } from "./processes.ts"
import { openStage } from "./stage.ts"
import { gateway, parsing, portkey, proxy } from "./targets.ts"

const command = "pnpm bench:gateway"
const names = gatewayBenchmarks(proxy, { parsing, portkey: portkey("") }).map(({ name }) => name)

const isWanted = (only: readonly string[], name: string): boolean =>
  only.length === 0 || only.some((wanted) => name.includes(wanted))

const measureAll = async (
  only: readonly string[],
  pairs: number | undefined,
): Promise<readonly Result[]> => {
  const installed = names.some((name) => name.startsWith("portkey") && isWanted(only, name))
    ? await installPortkey()
    : undefined
  if (installed?.reason) console.log(installed.reason)
  const others = { parsing, ...(installed?.program && { portkey: portkey(installed.program) }) }
  const stage = await openStage()
  const world: World = { stage, gateway }
  const results: Result[] = []
  try {
    for (const benchmark of gatewayBenchmarks(proxy, others).filter(({ name }) =>
      isWanted(only, name),
    )) {
      if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${benchmark.name} …\r`)
      results.push(await run(benchmark, world, pairs))
    }
    return results
  } finally {
    await stage.close()
    await installed?.remove()
  }
}

const main = async (): Promise<number> => {
  const { help: asked, only, pairs } = readArguments(process.argv.slice(2), names)
  if (asked) {
    console.log(help(command, names))
    return 0
  }
  const before = loadavg()[0] ?? 0
  const results = await measureAll(only, pairs)
  const missed = results.filter(({ passed }) => passed === false)
  const load = `load ${before.toFixed(1)} before, ${(loadavg()[0] ?? 0).toFixed(1)} after`
  console.log(
    `${gateway.label}; Node ${process.versions.node}, ${availableParallelism()} processors, ${pinning}, ${load}\n\n${table(results)}\n`,
  )
  console.log(
    missed.length === 0
      ? "Every gate is kept."
      : `Missed: ${missed.map(({ benchmark }) => benchmark.name).join(", ")}.`,
  )
  return missed.length === 0 ? 0 : 1
}

try {
  process.exitCode = await main()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 2
}
