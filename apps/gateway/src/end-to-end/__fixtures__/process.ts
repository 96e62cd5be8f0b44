import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { type Served, startServing } from "./command.ts"

export interface ProcessOptions {
  /** Its own folder. */
  readonly folder: string
  /** The Bedrock endpoint. */
  readonly endpoint: string
  readonly databaseUrl: string
  /** Models by their ids. */
  readonly models: readonly string[]
  /** Further sections of the file. */
  readonly sections?: Readonly<Record<string, object>>
}

/** Writes a configuration file. */
export const configOf = ({
  endpoint,
  databaseUrl,
  models,
  sections,
}: Omit<ProcessOptions, "folder">): string =>
  JSON.stringify({
    model_list: models.map((model) => ({
      model_name: model,
      litellm_params: {
        model: `bedrock/${model}`,
        aws_region_name: "us-east-1",
        aws_access_key_id: "emulated",
        aws_secret_access_key: "emulated",
        aws_bedrock_runtime_endpoint: endpoint,
      },
    })),
    general_settings: { database_url: databaseUrl },
    ...sections,
  })

/** Starts the gateway's command in its own process on a free port. */
export const startProcess = async (options: ProcessOptions): Promise<Served> => {
  const config = join(options.folder, "config.yaml")
  writeFileSync(config, configOf(options))
  return startServing({ args: ["--config", config], folder: options.folder })
}
