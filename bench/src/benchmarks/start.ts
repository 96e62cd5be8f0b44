import type { Benchmark } from "../benchmark.ts"
import { emptyProgram, isAws, loadedBy, module, program, timeProcess } from "../process.ts"

/** Everything up to the first plan that has to fit a size and a quality to the model. */
const firstPlan = module(`
import { createPictor } from "@pictor/core"
import { novaCanvas } from "@pictor/nova-canvas"
const transport = { name: "none", invoke: () => Promise.reject(new Error("nothing is sent")) }
const pictor = createPictor({ adapters: [novaCanvas(transport)] })
const model = "amazon.nova-canvas-v1:0"
await pictor.plan({ model, prompt: "a lighthouse", size: "1000x1000", quality: "hd" })
`)

/** From the start of a process to its first plan that adapts the size. */
export const start: Benchmark = {
  name: "start",
  subject: "import core + nova-canvas, first plan",
  baseline: "empty process",
  unit: "ms",
  gate: { atMost: 1.75 },
  pairs: 25,
  open: async () => ({
    subject: async () => timeProcess(firstPlan),
    baseline: async () => timeProcess(emptyProgram),
    close: () => {},
  }),
}

/** With the transport: the AWS SDK loads at the first call. */
export const startModules: Benchmark = {
  name: "start-modules",
  subject: "AWS modules at import",
  baseline: "all modules",
  unit: "files",
  gate: { atMost: 0 },
  pairs: 7,
  open: async () => {
    const loaded = loadedBy(program("@pictor/core", "@pictor/nova-canvas", "@pictor/bedrock"))
    return {
      subject: async () => loaded.filter(isAws).length,
      baseline: async () => loaded.length,
      close: () => {},
    }
  },
}
