import { spawn } from "node:child_process"
import { once } from "node:events"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { createInterface } from "node:readline"

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

export interface GatewayProcess {
  readonly url: string
  /** Of the log, as it comes. */
  readonly lines: readonly Readonly<Record<string, unknown>>[]
  readonly signal: (name: NodeJS.Signals) => void
  /** Its exit code; null where a signal ended it. */
  readonly ended: Promise<number | null>
}

const main = join(import.meta.dirname, "../../main.ts")

const configOf = ({ endpoint, databaseUrl, models, sections }: ProcessOptions): string =>
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
export const startProcess = async (options: ProcessOptions): Promise<GatewayProcess> => {
  const config = join(options.folder, "config.yaml")
  writeFileSync(config, configOf(options))
  const child = spawn(process.execPath, ["--conditions=@pictor/source", main, "--config", config, "--port", "0"], {
    cwd: options.folder,
    env: { AWS_EC2_METADATA_DISABLED: "true" },
  })
  const lines: Record<string, unknown>[] = []
  let told = ""
  child.stderr.on("data", (text: Buffer) => {
    told += text.toString()
  })
  const reader = createInterface({ input: child.stdout })
  // A killed process may leave half a line.
  reader.on("line", (line) => line.endsWith("}") && lines.push(JSON.parse(line) as Record<string, unknown>))
  const ended = once(child, "close").then(() => child.exitCode)
  const listening = (): unknown => lines.find(({ msg }) => msg === "listening")?.["url"]
  while (listening() === undefined && child.exitCode === null && child.signalCode === null) await Promise.race([once(reader, "line"), ended])
  const url = listening()
  if (typeof url !== "string") throw new Error(`The gateway did not start: ${told}`)
  return { url, lines, signal: (name) => void child.kill(name), ended }
}
