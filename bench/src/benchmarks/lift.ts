import type { Benchmark } from "../benchmark.ts"
import { measureTasks } from "../measure.ts"

const parse = { task: "parse", count: 20 }
const baseline = "JSON.parse + Buffer.from"

/** A 3 MB reply becomes a parsed reply; the picture stays as it came. */
export const lift: Benchmark = {
  name: "lift",
  subject: "lift",
  baseline,
  unit: "CPU ms",
  gate: { timesFaster: 20 },
  pairs: 11,
  open: (context) => measureTasks(context, "cpu", { task: "lift", count: 1000 }, parse),
}

/** The same, with the picture decoded. */
export const liftBytes: Benchmark = {
  name: "lift-bytes",
  subject: "plan + lift + bytes()",
  baseline,
  unit: "CPU ms",
  gate: { timesFaster: 3 },
  pairs: 11,
  open: (context) => measureTasks(context, "cpu", { task: "lift-bytes", count: 100 }, parse),
}
