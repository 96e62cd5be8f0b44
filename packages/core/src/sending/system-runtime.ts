import type { Runtime } from "../contract/runtime.ts"
import { onDemand } from "../tools/load.ts"

export const systemRuntime: Runtime = {
  now: Date.now,
  random: Math.random,
  sleep: async (delayMs, signal) => (await onDemand()).sleep(delayMs, signal),
}
