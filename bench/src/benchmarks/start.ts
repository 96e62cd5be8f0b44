import type { Benchmark } from "../benchmark.ts"
import { emptyProgram, isAws, loadedBy, program, timeProcess } from "../process.ts"

const imports = program("@pictor/core", "@pictor/nova-canvas")

export const start: Benchmark = {
  name: "start",
  subject: "import core + nova-canvas",
  baseline: "empty node",
  unit: "ms",
  gate: { atMost: 1.4 },
  pairs: 25,
  open: async () => ({
    subject: async () => timeProcess(imports),
    baseline: async () => timeProcess(emptyProgram),
    close: () => {},
  }),
}

/** With the transport made as well: the AWS SDK waits for the first call. */
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
