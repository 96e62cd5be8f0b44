import type { Benchmark } from "../benchmark.ts"
import { measureTask } from "../measure.ts"

export const emulator: Benchmark = {
  name: "emulator",
  subject: "emulator: 1024 × 1024",
  unit: "CPU ms",
  pairs: 7,
  open: (context) => measureTask(context, "cpu", { task: "emulator", count: 5 }),
}
