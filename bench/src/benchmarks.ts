import type { Benchmark } from "./benchmark.ts"
import { emulator } from "./benchmarks/emulator.ts"
import { files } from "./benchmarks/files.ts"
import { generate, generateBytes, generateFile, generateHttp } from "./benchmarks/generate.ts"
import { ledgers } from "./benchmarks/ledger.ts"
import { lift, liftBytes } from "./benchmarks/lift.ts"
import { liftMemory } from "./benchmarks/lift-memory.ts"
import { plan } from "./benchmarks/plan.ts"
import { start, startModules } from "./benchmarks/start.ts"

export const benchmarks: readonly Benchmark[] = [
  lift,
  liftBytes,
  liftMemory,
  generate,
  generateBytes,
  generateHttp,
  generateFile,
  start,
  startModules,
  plan,
  emulator,
  ...ledgers,
  files,
]
