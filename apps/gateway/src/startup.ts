import { mkdir, mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { type Endpoints, emulatedConfig } from "./config/emulated.ts"
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

/** They are loaded by a start without a file only. */
const startEmulators = async (closer: Closer): Promise<Endpoints> => {
  const [bedrock, openai, gemini, flux] = await Promise.all([
    import("@pictor/bedrock-emulator"),
    import("@pictor/openai-emulator"),
    import("@pictor/gemini-emulator"),
    import("@pictor/flux-emulator"),
  ])
  const options = { keepRequests: 0 }
  const add = async (starting: Promise<{ url: string; close: () => Promise<void> }>) =>
    closer.add(await starting, ({ close }) => close()).url
  const openaiUrl = await add(openai.createOpenAiEmulator(options))
  return {
    bedrock: await add(bedrock.createBedrockEmulator(options)),
    openai: `${openaiUrl}/v1`,
    gemini: `${await add(gemini.createGeminiEmulator(options))}/v1beta`,
    black_forest_labs: `${await add(flux.createFluxEmulator(options))}/v1`,
    xai: `${openaiUrl}/v1`,
  }
}

/** A configuration without a file is for the emulator: its data is in a temporary folder. */
const startEmulated = async ({ config, env }: StartupOptions, closer: Closer): Promise<Startup> => {
  const folder = closer.add(await mkdtemp(join(tmpdir(), "pictor-gateway-")), (path) =>
    rm(path, { recursive: true }),
  )
  const emulate = async (): Promise<GatewayConfig> => {
    const emulated = await emulatedConfig(await startEmulators(closer))
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
