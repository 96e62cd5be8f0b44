import { mkdir, mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { createBedrockEmulator } from "@pictor/bedrock-emulator"
import { emulatedConfig } from "../config/emulated.ts"
import type { GatewayConfig } from "../config/types.ts"
import type { Closing } from "./closing.ts"

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

const emulated = async (closing: Closing): Promise<Place> => {
  const emulator = closing.add(await createBedrockEmulator(), ({ close }) => close())
  const folder = closing.add(await mkdtemp(join(tmpdir(), "pictor-gateway-")), (path) => rm(path, { recursive: true }))
  return {
    config: emulatedConfig(emulator.url),
    databaseUrl: `file:${join(folder, "gateway.db")}`,
    imageFolder: join(folder, "images"),
    notes: [
      "There is no configuration: every model is emulated in this process, and nothing is sent anywhere or charged. Give --config config.yaml to go live.",
      "What is spent here is kept in a temporary folder and forgotten at the end.",
    ],
  }
}

const unlocked = "There is no general_settings.master_key: any bearer is accepted, from this machine only."

const configured = async (config: GatewayConfig, folder: string): Promise<Place> => {
  const data = resolve(folder, dataFolder)
  const { databaseUrl, masterKey } = config.general
  await mkdir(data, { recursive: true, mode: 0o700 })
  return {
    config,
    databaseUrl: databaseUrl ?? `file:${join(data, "gateway.db")}`,
    imageFolder: join(data, "images"),
    notes: [
      ...(masterKey === undefined ? [unlocked] : []),
      ...(databaseUrl === undefined ? [`Without general_settings.database_url the ledger is in ${join(data, "gateway.db")}.`] : []),
    ],
  }
}

/** The place of a configuration; without one, an emulator and a folder that ends with the process. `folder`: what relative paths are relative to. */
export const openPlace = (config: GatewayConfig | undefined, folder: string, closing: Closing): Promise<Place> =>
  config ? configured(config, folder) : emulated(closing)
