import type { BackendOptions } from "./backend.ts"

/** The options of the emulator in any form. */
export const backendOptions = {
  faults: true,
  latencyMs: true,
  seed: true,
  profiles: true,
  requests: true,
  bill: true,
  keepRequests: true,
} satisfies Record<keyof BackendOptions, true>
