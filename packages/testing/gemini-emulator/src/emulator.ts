import { checkNames, serveFetch } from "@pictor/emulator-kit"
import { createApp } from "./app.ts"
import { type BackendOptions, createBackend, type RecordedRequest } from "./backend.ts"
import type { Bill } from "./bill.ts"

export type GeminiEmulatorOptions = BackendOptions & {
  /** Default 0, a free port. */
  readonly port?: number
}

export const optionNames = {
  faults: true,
  latencyMs: true,
  seed: true,
  requests: true,
  keepRequests: true,
  clock: true,
  port: true,
} satisfies Record<keyof GeminiEmulatorOptions, true>

export type GeminiEmulator = {
  /** The base URL of the Gemini API and of Vertex AI. */
  readonly url: string
  /** All calls of generateContent received, in order. */
  readonly requests: readonly RecordedRequest[]
  /** What the calls so far cost. */
  readonly bill: () => Bill
  /** Stops the emulator at once, with all connections and answers in progress. */
  readonly close: () => Promise<void>
}

/**
 * Starts an emulator of Google's Gemini image models on the loopback interface.
 *
 * @example
 * const emulator = await createGeminiEmulator({ seed: 1 })
 * const ai = new GoogleGenAI({ apiKey: "any", httpOptions: { baseUrl: emulator.url } })
 */
export const createGeminiEmulator = async (
  options: GeminiEmulatorOptions = {},
): Promise<GeminiEmulator> => {
  checkNames("createGeminiEmulator", options, optionNames)
  const { requests = [], latencyMs = 0, port = 0 } = options
  const backend = createBackend({ ...options, requests })
  const app = createApp(backend, latencyMs)
  const { url, close } = await serveFetch((request, env) => app.fetch(request, env), port)
  return { url, requests, bill: backend.bill, close }
}
