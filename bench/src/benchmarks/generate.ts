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

/** The same 3 MB of base64 over both transports. */
export const generateHttp: Benchmark = {
  name: "generate-http",
  subject: "generate over http()",
  baseline: "generate over bedrock()",
  unit: "CPU ms",
  gate: { atMost: 1.1 },
  pairs: 21,
  open: (context) =>
    measureTasks(context, "cpu", { task: "pictor-http", count }, { task: "pictor", count }),
}

/** Enough for the garbage collector to run as often as it does in a server. */
const fileCount = 100

/** A reply with a URL, and the download of its 2.25 MB. */
export const generateFile: Benchmark = {
  name: "generate-file",
  subject: "generate with a result file",
  baseline: "undici POST and download into memory",
  unit: "CPU ms",
  gate: { atMost: 1.2 },
  pairs: 21,
  open: (context) =>
    measureTasks(
      context,
      "cpu",
      { task: "pictor-file", count: fileCount },
      { task: "download", count: fileCount },
    ),
}
