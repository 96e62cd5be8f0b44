import { availableParallelism, loadavg } from "node:os"
import { help, readArguments } from "./arguments.ts"
import type { Context } from "./benchmark.ts"
import { benchmarks } from "./benchmarks.ts"
import { answerOf, start } from "./child.ts"
import { type Result, run } from "./harness.ts"
import { drawPicture } from "./picture.ts"
import { table } from "./table.ts"

const names = benchmarks.map(({ name }) => name)

const measureAll = async (
  only: readonly string[],
  pairs: number | undefined,
): Promise<readonly Result[]> => {
  const upstream = start(import.meta.resolve("./upstream.ts"))
  try {
    const context: Context = {
      url: `http://127.0.0.1:${await answerOf(upstream)}`,
      picture: drawPicture(),
    }
    const results: Result[] = []
    for (const benchmark of benchmarks.filter(
      ({ name }) => only.length === 0 || only.some((wanted) => name.includes(wanted)),
    )) {
      if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${benchmark.name} …\r`)
      results.push(await run(benchmark, context, pairs))
    }
    return results
  } finally {
    upstream.kill()
  }
}

const main = async (): Promise<number> => {
  const { help: asked, only, pairs } = readArguments(process.argv.slice(2), names)
  if (asked) {
    console.log(help("pnpm bench", names))
    return 0
  }
  const before = loadavg()[0] ?? 0
  const results = await measureAll(only, pairs)
  const missed = results.filter(({ passed }) => passed === false)
  const load = `load ${before.toFixed(1)} before, ${(loadavg()[0] ?? 0).toFixed(1)} after`
  console.log(
    `Node ${process.versions.node}, ${availableParallelism()} processors, ${load}\n\n${table(results)}\n`,
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
