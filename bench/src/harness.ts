import type { Benchmark, Measuring } from "./benchmark.ts"
import { holds, ratioOf, type Summary, summarize } from "./gate.ts"

export interface Result {
  readonly benchmark: Omit<Benchmark, "open">
  readonly pairs: number
  /** In the benchmark's unit. */
  readonly subject: Summary
  readonly baseline?: Summary
  readonly ratio?: Summary
  /** Undefined without a gate. */
  readonly passed?: boolean
}

type Pair = readonly [subject: number, baseline: number]

/** The order alternates, so that no side always runs after the other. */
const measurePair = async ({ subject, baseline }: Measuring, index: number): Promise<Pair> => {
  if (!baseline) return [await subject(), Number.NaN]
  if (index % 2 === 0) return [await subject(), await baseline()]
  const before = await baseline()
  return [await subject(), before]
}

/** Measures interleaved pairs after a warm-up pair. The ratio is taken within each pair. */
export const run = async <World>(
  benchmark: Benchmark<World>,
  world: World,
  pairs = benchmark.pairs,
): Promise<Result> => {
  const measuring = await benchmark.open(world)
  const measured: Pair[] = []
  try {
    await measurePair(measuring, 0)
    for (let index = 0; index < pairs; index++) measured.push(await measurePair(measuring, index))
  } finally {
    await measuring.close()
  }
  const subject = summarize(measured.map(([value]) => value))
  if (!measuring.baseline) return { benchmark, pairs, subject }
  const ratio = summarize(measured.map(([left, right]) => ratioOf(left, right, benchmark.gate)))
  const verdict = benchmark.gate ? { passed: holds(benchmark.gate, ratio.median) } : {}
  return {
    benchmark,
    pairs,
    subject,
    baseline: summarize(measured.map(([, value]) => value)),
    ratio,
    ...verdict,
  }
}
