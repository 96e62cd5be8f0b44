import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Round } from "./messages.ts"
import { script } from "./processes.ts"
import { type Family, models } from "./replies.ts"

/** A server that relays images, and its requests. */
export interface Target {
  readonly label: string
  readonly families: readonly Family[]
  /** Node's arguments after its options. */
  readonly words: (port: number, upstream: string) => readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly request: (family: Family, upstream: string) => Pick<Round, "path" | "headers" | "body">
}

const both: readonly Family[] = ["sd3", "nova"]

const own = (name: string) => (port: number, upstream: string) => [
  script(`servers/${name}.ts`),
  String(port),
  upstream,
]

const prompt = "Sri lanka tea plantation."

const asOpenAi = (
  family: Family,
  headers: Readonly<Record<string, string>>,
): ReturnType<Target["request"]> => ({
  path: "/v1/images/generations",
  headers,
  body: JSON.stringify({ model: models[family], prompt, n: 1, size: "1024x1024" }),
})

export const proxy: Target = {
  label: "byte proxy",
  families: both,
  words: own("proxy"),
  request: (family) => ({
    path: `/model/${encodeURIComponent(models[family])}/invoke`,
    headers: { authorization: "Bearer none" },
    body: JSON.stringify({ prompt }),
  }),
}

export const parsing: Target = {
  label: "parse and stringify",
  families: both,
  words: own("parsing"),
  request: (family) => asOpenAi(family, {}),
}

const key = "sk-bench"

const deployment = (model: string, upstream: string): string => `
  - model_name: ${model}
    litellm_params:
      model: bedrock/${model}
      aws_access_key_id: AKIDEXAMPLE
      aws_secret_access_key: none
      aws_region_name: us-east-1
      aws_bedrock_runtime_endpoint: ${upstream}`

let home: string | undefined

/** The folder for all gateways of this run; deleted at exit. */
const homes = (): string => {
  if (home) return home
  const folder = mkdtempSync(join(tmpdir(), "pictor-bench-"))
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }))
  home = folder
  return folder
}

/** All defaults: keys, plans, costs and the ledger, with a database in a file. */
const configFile = (upstream: string): string => {
  const folder = mkdtempSync(join(homes(), "run-"))
  const file = join(folder, "config.yaml")
  const settings = `\ngeneral_settings:\n  master_key: ${key}\n  database_url: file:${join(folder, "gateway.db")}\n`
  writeFileSync(
    file,
    `model_list:${Object.values(models)
      .map((model) => deployment(model, upstream))
      .join("")}${settings}`,
  )
  return file
}

export const gateway: Target = {
  label: "Pictor's gateway",
  families: both,
  words: (port, upstream) => [
    script("../../../apps/gateway/src/main.ts"),
    "--port",
    String(port),
    "--config",
    configFile(upstream),
  ],
  request: (family) => asOpenAi(family, { authorization: `Bearer ${key}` }),
}

/** Of Bedrock's image models it supports Stability's only. */
export const portkey = (program: string): Target => ({
  label: "Portkey",
  families: ["sd3"],
  words: (port) => [program, `--port=${port}`, "--headless"],
  env: { TRUSTED_CUSTOM_HOSTS: "127.0.0.1" },
  request: (family, upstream) =>
    asOpenAi(family, {
      "x-portkey-provider": "bedrock",
      "x-portkey-aws-access-key-id": "AKIDEXAMPLE",
      "x-portkey-aws-secret-access-key": "none",
      "x-portkey-aws-region": "us-east-1",
      "x-portkey-custom-host": upstream,
    }),
})
