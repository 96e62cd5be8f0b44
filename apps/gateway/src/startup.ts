import { mkdir, mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { createBedrockEmulator } from "@pictor/bedrock-emulator"
import { emulatedConfig } from "./config/emulated.ts"
import type { Environment } from "./config/environment.ts"
import type { GatewayConfig } from "./config/types.ts"
import type { Closing } from "./lib/closer.ts"

/** What a gateway runs on. */
export interface Place {
  readonly config: GatewayConfig
  /** Of the ledger and the keys. */
  readonly databaseUrl: string
  readonly imageFolder: string
  /** What whoever starts it ought to know. */
  readonly notes: readonly string[]
}

/** Where a single gateway keeps what it has to keep, unless it is told otherwise. */
const dataFolder = "pictor-data"

const withMasterKey = (config: GatewayConfig, masterKey: string | undefined): GatewayConfig =>
  masterKey ? { ...config, general: { ...config.general, masterKey } } : config

const emulated = async (
  config: GatewayConfig | undefined,
  environment: Environment,
  closing: Closing,
): Promise<Place> => {
  const folder = closing.add(await mkdtemp(join(tmpdir(), "pictor-gateway-")), (path) =>
    rm(path, { recursive: true }),
  )
  return {
    config:
      config ??
      withMasterKey(
        emulatedConfig(closing.add(await createBedrockEmulator(), ({ close }) => close()).url),
        environment["LITELLM_MASTER_KEY"],
      ),
    databaseUrl: `file:${join(folder, "gateway.db")}`,
    imageFolder: join(folder, "images"),
    notes: [
      "There is no configuration file: every model is emulated in this process, and nothing is sent anywhere or charged. Only --config config.yaml makes it live.",
      "What is asked for here is kept in a temporary folder and forgotten at the end.",
    ],
  }
}

const configured = async (config: GatewayConfig, folder: string): Promise<Place> => {
  const data = resolve(folder, dataFolder)
  const { databaseUrl } = config.general
  await mkdir(data, { recursive: true, mode: 0o700 })
  return {
    config,
    databaseUrl: databaseUrl ?? `file:${join(data, "gateway.db")}`,
    imageFolder: resolve(folder, config.server?.imageFolder ?? join(data, "images")),
    notes:
      databaseUrl === undefined
        ? [
            `Without general_settings.database_url keys and ledger are in ${join(data, "gateway.db")}.`,
          ]
        : [],
  }
}

const unlocked =
  "There is no general_settings.master_key: any bearer is accepted, from this machine only."

interface Surroundings {
  readonly environment: Environment
  /** What relative paths are relative to. */
  readonly folder: string
}

/**
 * The place of a configuration. One that comes out of no file is for the emulator, and lives in a folder that ends with the process; without any there is
 * an emulator too, whose master key the environment may set.
 */
export const openPlace = async (
  config: GatewayConfig | undefined,
  { environment, folder }: Surroundings,
  closing: Closing,
): Promise<Place> => {
  const place =
    config?.path === undefined
      ? await emulated(config, environment, closing)
      : await configured(config, folder)
  return place.config.general.masterKey === undefined
    ? { ...place, notes: [...place.notes, unlocked] }
    : place
}
