import type { Benchmark } from "../benchmark.ts"
import { measureTask } from "../measure.ts"

/** Allocations of `lift`, before garbage collection, as a share of the reply. */
export const liftMemory: Benchmark = {
  name: "lift-memory",
  subject: "lift allocates",
  baseline: "the reply",
  unit: "bytes",
  gate: { atMost: 0.1 },
  pairs: 11,
  open: async (context) => {
    const { subject, close } = await measureTask(context, "held", { task: "lift", count: 1 })
    return { subject, baseline: async () => context.picture.reply.length, close }
  },
}
