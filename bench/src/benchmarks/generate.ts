import type { Benchmark } from "../benchmark.ts"
import { measureTasks } from "../measure.ts"

const count = 20

/** Each with its default handler, without TLS; neither decodes the image. */
export const generate: Benchmark = {
  name: "generate",
  subject: "generate",
  baseline: "AWS SDK call",
  unit: "CPU ms",
  gate: { atMost: 1.25 },
  pairs: 15,
  open: (context) =>
    measureTasks(context, "cpu", { task: "pictor", count }, { task: "aws-sdk", count }),
}

/** Each with its default handler, without TLS, to the image's bytes. */
export const generateBytes: Benchmark = {
  name: "generate-bytes",
  subject: "generate + bytes()",
  baseline: "AI SDK generateImage",
  unit: "CPU ms",
  gate: { atMost: 0.5 },
  pairs: 21,
  open: (context) =>
    measureTasks(context, "cpu", { task: "pictor-bytes", count }, { task: "ai-sdk", count }),
}
