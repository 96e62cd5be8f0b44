import type { Benchmark } from "../benchmark.ts"
import { measureTask } from "../measure.ts"

export const plan: Benchmark = {
  name: "plan",
  subject: "plan",
  unit: "CPU ms",
  pairs: 7,
  open: (context) => measureTask(context, "cpu", { task: "plan", count: 1000 }),
}
