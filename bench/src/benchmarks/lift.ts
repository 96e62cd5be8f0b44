import type { Benchmark } from "../benchmark.ts"
import { measureTasks } from "../measure.ts"

const parse = { task: "parse", count: 20 }
const baseline = "JSON.parse + Buffer.from"

/** Parses a 3 MB reply; the image stays encoded. */
export const lift: Benchmark = {
  name: "lift",
  subject: "lift",
  baseline,
  unit: "CPU ms",
  gate: { timesFaster: 20 },
  pairs: 11,
  open: (context) => measureTasks(context, "cpu", { task: "lift", count: 1000 }, parse),
}

/** The same, with the image decoded. */
export const liftBytes: Benchmark = {
  name: "lift-bytes",
  subject: "plan + lift + bytes()",
  baseline,
  unit: "CPU ms",
  gate: { timesFaster: 3 },
  pairs: 11,
  open: (context) => measureTasks(context, "cpu", { task: "lift-bytes", count: 100 }, parse),
}
