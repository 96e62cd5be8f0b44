import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { type Served, startServing } from "./command.ts"

export interface ProcessOptions {
  /** Of its own. */
  readonly folder: string
  /** Where Bedrock is. */
  readonly endpoint: string
  readonly databaseUrl: string
  /** Models by their ids. */
  readonly models: readonly string[]
  /** Further sections of its file. */
  readonly sections?: Readonly<Record<string, object>>
}

/** A file of configuration. */
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

/** Starts the gateway's command in a process of its own, on a free port. */
export const startProcess = async (options: ProcessOptions): Promise<Served> => {
  const config = join(options.folder, "config.yaml")
  writeFileSync(config, configOf(options))
  return startServing({ args: ["--config", config], folder: options.folder })
}
