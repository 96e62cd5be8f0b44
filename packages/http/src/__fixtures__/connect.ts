import type { Transport } from "@pictor/core/adapter"
import { afterEach, vi } from "vitest"
import type { HttpOptions } from "../options.ts"
import { http } from "../transport.ts"
import { key, type Respond, startServer, type TestServer } from "./server.ts"

const cleanups: (() => Promise<void>)[] = []

afterEach(async () => {
  vi.useRealTimers()
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

/** Closed after the test. */
export const serve = async (respond: Respond): Promise<TestServer> => {
  const server = await startServer(respond)
  cleanups.push(server.close)
  return server
}

/** A transport to the server, closed after the test. */
export const connect = (baseUrl: string, options: HttpOptions = {}): Transport => {
  const transport = http({ key, baseUrl, pollsPerSecond: 1000, ...options })
  cleanups.push(async () => transport.close?.())
  return transport
}
