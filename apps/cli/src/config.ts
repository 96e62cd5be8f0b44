import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { nearest } from "@pictor/core/host"
import type { Cli } from "./cli.ts"
import { CommandError } from "./errors.ts"

export const configFile = "pictor.json"

/** The settings of `pictor.json` in the current folder. It holds no credential. */
export interface Config {
  /** The model of commands without `--model`, for the tasks that it has. */
  readonly model?: string
  /** The AWS region. */
  readonly region?: string
  /** The folder of pictures. Default `out`. */
  readonly out?: string
  /** With `--live`, an estimate above these dollars is confirmed. Default 0.5. */
  readonly confirmAbove?: number
  /** The ledger of live calls: a `file:` or `postgres://` URL. */
  readonly ledger?: string
  /** Names of the providers to use. Default: all. */
  readonly providers?: readonly string[]
}

const isText = (value: unknown): boolean => typeof value === "string" && value.trim() !== ""

const checks: Readonly<Record<keyof Config, readonly [(value: unknown) => boolean, string]>> = {
  model: [isText, "a model's id"],
  region: [isText, "a region such as us-west-2"],
  out: [isText, "a folder"],
  confirmAbove: [(value) => typeof value === "number" && value >= 0, "dollars from 0, such as 0.5"],
  ledger: [isText, "a URL such as file:./pictor.db"],
  providers: [(value) => Array.isArray(value) && value.every(isText), "a list of names"],
}

const check = (config: unknown): Config => {
  if (typeof config !== "object" || config === null || Array.isArray(config))
    throw new CommandError(`${configFile} must be a JSON object.`)
  for (const [name, value] of Object.entries(config)) {
    if (!Object.hasOwn(checks, name)) {
      const [near] = nearest(name, Object.keys(checks))
      throw new CommandError(
        `${configFile}: ${JSON.stringify(name.slice(0, 40))} is no setting.${near ? ` Did you mean ${near}?` : ""}`,
      )
    }
    const [holds, allowed] = checks[name as keyof Config]
    if (!holds(value)) throw new CommandError(`${configFile}: ${name} must be ${allowed}.`)
  }
  return config
}

export const readConfig = async ({ folder }: Pick<Cli, "folder">): Promise<Config> => {
  let text: string
  try {
    text = await readFile(join(folder, configFile), "utf8")
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === "ENOENT") return {}
    throw new CommandError(`${configFile} cannot be read (${code ?? "unknown reason"}).`)
  }
  try {
    return check(JSON.parse(text))
  } catch (error) {
    if (error instanceof CommandError) throw error
    throw new CommandError(`${configFile} is not valid JSON.`)
  }
}
