import { mkdir, mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { createBedrockEmulator } from "@pictor/bedrock-emulator"
import { emulatedConfig } from "./config/emulated.ts"
import type { GatewayConfig } from "./config/types.ts"
import type { Closer } from "./lib/closer.ts"

export interface Startup {
  readonly config: GatewayConfig
  /** The database of the ledger and the keys. */
  readonly databaseUrl: string
  readonly imageFolder: string
  readonly notes: readonly string[]
}

export interface StartupOptions {
  readonly config: GatewayConfig | undefined
  readonly env: NodeJS.ProcessEnv
  /** Base of relative paths. */
  readonly folder: string
}

/** A configuration without a file is for the emulator: its data is in a temporary folder. */
const startEmulated = async ({ config, env }: StartupOptions, closer: Closer): Promise<Startup> => {
  const folder = closer.add(await mkdtemp(join(tmpdir(), "pictor-gateway-")), (path) =>
    rm(path, { recursive: true }),
  )
  const emulate = async (): Promise<GatewayConfig> => {
    const emulator = closer.add(await createBedrockEmulator({ keepRequests: 0 }), ({ close }) =>
      close(),
    )
    const emulated = emulatedConfig(emulator.url)
    const masterKey = env["LITELLM_MASTER_KEY"]
    return masterKey ? { ...emulated, general: { ...emulated.general, masterKey } } : emulated
  }
  return {
    config: config ?? (await emulate()),
    databaseUrl: `file:${join(folder, "gateway.db")}`,
    imageFolder: join(folder, "images"),
    notes: [
      "No configuration file: all models are emulated in this process. Nothing is sent to a provider and nothing is charged. Use --config config.yaml to call real models.",
      "Keys, ledger and images are in a temporary folder, which is deleted at exit.",
    ],
  }
}

const startConfigured = async (config: GatewayConfig, folder: string): Promise<Startup> => {
  const data = resolve(folder, "pictor-data")
  const { databaseUrl } = config.general
  await mkdir(data, { recursive: true, mode: 0o700 })
  return {
    config,
    databaseUrl: databaseUrl ?? `file:${join(data, "gateway.db")}`,
    imageFolder: resolve(folder, config.server?.imageFolder ?? join(data, "images")),
    notes:
      databaseUrl === undefined
        ? [
            `general_settings.database_url is not set: keys and ledger are in ${join(data, "gateway.db")}.`,
          ]
        : [],
  }
}

export const openStartup = async (options: StartupOptions, closer: Closer): Promise<Startup> => {
  const { config, folder } = options
  const startup =
    config?.path === undefined
      ? await startEmulated(options, closer)
      : await startConfigured(config, folder)
  if (startup.config.general.masterKey !== undefined) return startup
  const note =
    "general_settings.master_key is not set: any key is accepted, from this machine only."
  return { ...startup, notes: [...startup.notes, note] }
}
