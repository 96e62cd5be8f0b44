import type { Benchmark, Measuring } from "../benchmark.ts"
import type { Gate } from "../gate.ts"
import type { Times, Watched } from "./messages.ts"
import { replyOf } from "./replies.ts"
import type { Cell, Stage } from "./stage.ts"
import type { Target } from "./targets.ts"

/** What all gateway benchmarks share. */
export interface World {
  readonly stage: Stage
  readonly gateway: Target
}

type Reading = Watched & Times
type GatewayBenchmark = Benchmark<World>

const pairs = 7

const sideBySide =
  (baseline: Target, cell: Cell, read: (reading: Reading) => number) =>
  async ({ stage, gateway }: World): Promise<Measuring> => {
    const [ours, theirs] = [await stage.warm(gateway), await stage.warm(baseline)]
    return {
      subject: async () => read(await ours.measure(cell)),
      baseline: async () => read(await theirs.measure(cell)),
      close: () => {},
    }
  }

/** CPU of the server's process. */
const cpu = (name: string, baseline: Target, cell: Cell, gate?: Gate): GatewayBenchmark => ({
  name,
  subject: `${cell.size}, ${cell.connections} at a time`,
  baseline: baseline.label,
  unit: "CPU ms",
  ...(gate && { gate }),
  pairs,
  open: sideBySide(baseline, cell, ({ cpuMs }) => cpuMs / cell.requests),
})

const cell = (size: Cell["size"], connections: number, requests: number): Cell => ({
  family: size === "3 MB" ? "nova" : "sd3",
  size,
  connections,
  requests,
})

const burst: Cell = { family: "nova", size: "3 MB", connections: 64, requests: 64, latencyMs: 2000 }

/** Median delay of 64 concurrent images beyond the upstream's. */
const addedLatency = (baseline: Target): GatewayBenchmark => ({
  name: "added-p50",
  subject: "64 × 3 MB after 2 s, added latency",
  baseline: baseline.label,
  unit: "ms",
  gate: { atMost: 1.3 },
  pairs,
  open: sideBySide(baseline, burst, ({ p50Ms }) => p50Ms - (burst.latencyMs ?? 0)),
})

const loopDelay = (baseline: Target): GatewayBenchmark => ({
  name: "loop-delay",
  subject: "p99 event loop delay, 1.5 MB, 16 at a time",
  baseline: baseline.label,
  unit: "ms",
  gate: { atMost: 2 },
  pairs,
  open: sideBySide(
    baseline,
    { ...cell("1.5 MB", 16, 480), meter: "delay" },
    ({ delayP99Ms }) => delayP99Ms,
  ),
})

/** In a process without earlier large replies, which would have allocated the memory already. */
const memory: GatewayBenchmark = {
  name: "memory",
  subject: "64 × 3 MB at once, memory growth",
  baseline: "the replies",
  unit: "bytes",
  gate: { atMost: 1.2 },
  pairs,
  open: async ({ stage, gateway }) => ({
    subject: async () => {
      const server = await stage.start(gateway)
      try {
        await server.measure({
          family: burst.family,
          size: "50 KB",
          connections: 16,
          requests: 800,
        })
        return (await server.measure({ ...burst, latencyMs: 500, meter: "memory" })).grownBytes
      } finally {
        server.stop()
      }
    },
    baseline: async () => burst.requests * replyOf(burst.family, burst.size).length,
    close: () => {},
  }),
}

/** Gates apply against the byte proxy; gateways that parse are for comparison. */
export const gatewayBenchmarks = (
  proxy: Target,
  others: Readonly<Record<string, Target>>,
): readonly GatewayBenchmark[] => [
  cpu("cpu-3mb-16", proxy, cell("3 MB", 16, 192), { atMost: 1 }),
  cpu("cpu-3mb-128", proxy, cell("3 MB", 128, 256), { atMost: 1 }),
  cpu("cpu-1.5mb-16", proxy, cell("1.5 MB", 16, 384), { atMost: 1 }),
  cpu("cpu-1.5mb-128", proxy, cell("1.5 MB", 128, 512), { atMost: 1 }),
  cpu("cpu-50kb-16", proxy, cell("50 KB", 16, 2000), { atMost: 5 }),
  cpu("cpu-50kb-128", proxy, cell("50 KB", 128, 2000), { atMost: 5 }),
  memory,
  addedLatency(proxy),
  loopDelay(proxy),
  ...Object.entries(others).flatMap(([name, target]) => [
    cpu(`${name}-1.5mb-16`, target, cell("1.5 MB", 16, 192)),
    cpu(`${name}-50kb-16`, target, cell("50 KB", 16, 1000)),
  ]),
]
