import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createBedrockEmulator, type Fault } from "@pictor/bedrock-emulator"
import { emulatedConfig } from "../../config/emulated.ts"
import type { GatewayConfig, GeneralConfig, RouterConfig } from "../../config/types.ts"
import { type GatewayOptions, startGateway } from "../../gateway.ts"
import { openBooks } from "./ledger-reader.ts"

export interface WorldOptions extends Omit<GatewayOptions, "config" | "folder" | "log"> {
  readonly faults?: readonly Fault[]
  /** Duration of every call. */
  readonly latencyMs?: number
  /** Default: a new emulator. */
  readonly endpoint?: string
  /** Default: a file. */
  readonly databaseUrl?: string
  readonly router?: Partial<RouterConfig>
  readonly general?: Partial<GeneralConfig>
}

const configOf = async (
  endpoint: string,
  databaseUrl: string,
  { router, general }: WorldOptions,
): Promise<GatewayConfig> => {
  const config = await emulatedConfig({ bedrock: endpoint })
  // A configuration with a path keeps its database.
  return {
    ...config,
    path: "config.yaml",
    router: { ...config.router, ...router },
    general: { ...config.general, ...general, databaseUrl },
  }
}

/** A gateway in this process with one emulator, its log and its ledger. */
export const openWorld = async (options: WorldOptions = {}) => {
  const { faults = [], latencyMs = 0, settings, env = {} } = options
  const folder = await mkdtemp(join(tmpdir(), "pictor-end-to-end-"))
  const databaseUrl = options.databaseUrl ?? `file:${join(folder, "gateway.db")}`
  const emulator = await createBedrockEmulator({ seed: 1, faults, latencyMs })
  const lines: Readonly<Record<string, unknown>>[] = []
  const gateway = await startGateway({
    ...options,
    config: await configOf(options.endpoint ?? emulator.url, databaseUrl, options),
    env,
    folder,
    settings: { port: 0, ...settings },
    log: { write: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>) },
  })
  const books = await openBooks(databaseUrl)
  return {
    url: gateway.url,
    gateway,
    emulator,
    databaseUrl,
    /** Lines of the log. */
    lines,
    books,
    close: async () => {
      await gateway.close()
      await books.close()
      await emulator.close()
      await rm(folder, { recursive: true })
    },
  }
}

export type World = Awaited<ReturnType<typeof openWorld>>
