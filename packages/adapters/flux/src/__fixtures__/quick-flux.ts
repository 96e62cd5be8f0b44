import type { ImageAdapter } from "@pictor/core"
import type { Transport } from "@pictor/core/adapter"
import { bflApi } from "../http.ts"
import { flux } from "../index.ts"

const jobs = { ...bflApi.jobs, firstWaitMs: 1, longestWaitMs: 5 }

/** The adapter with short waits between polls. */
export const quickFlux = (transport: Transport): ImageAdapter => ({
  ...flux(transport),
  http: { ...bflApi, jobs },
})
