import { existsSync } from "node:fs"
import { isImageError } from "@pictor/core"
import { credentialAdvice } from "@pictor/terminal"
import type { Command } from "commander"
import type { Cli } from "../cli.ts"
import { type Config, configFile, readConfig } from "../config.ts"
import { CommandError } from "../errors.ts"
import { exitCodes } from "../exit-codes.ts"
import { ledgerPlace, openLedgerAt } from "../ledger-file.ts"
import { credentialSource, type Provider, providers } from "../providers.ts"

interface Finding {
  readonly state: "ok" | "missing" | "wrong"
  readonly about: string
  readonly text: string
}

const oldestNode = [22, 18] as const

const checkNode = (): Finding => {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number)
  const [least, leastMinor] = oldestNode
  const holds = major > least || (major === least && minor >= leastMinor)
  return {
    state: holds ? "ok" : "wrong",
    about: "Node",
    text: holds
      ? process.versions.node
      : `${process.versions.node}; install ${oldestNode.join(".")} or newer`,
  }
}

const checkConfig = async (
  cli: Cli,
): Promise<{ readonly finding: Finding; readonly config: Config }> => {
  const about = configFile
  try {
    const config = await readConfig(cli)
    const names = Object.keys(config)
    const text = names.length > 0 ? names.join(", ") : "no settings; pictor init writes some"
    return { config, finding: { state: "ok", about, text } }
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    return { config: {}, finding: { state: "wrong", about, text: error.message } }
  }
}

const checkLedger = async (cli: Cli, config: Config): Promise<Finding> => {
  const about = "ledger"
  try {
    await (await openLedgerAt(ledgerPlace(true, cli, config))).close()
    return { state: "ok", about, text: "opens and can be written" }
  } catch (error) {
    if (!isImageError(error)) throw error
    return { state: "wrong", about, text: error.message }
  }
}

/** Looks for region and credentials as a call would, without one. */
const checkBedrock = async (region: string | undefined): Promise<string | undefined> => {
  const { bedrock } = await import("@pictor/bedrock")
  const transport = bedrock({ region })
  try {
    await transport.check?.()
    return undefined
  } catch (error) {
    if (!isImageError(error)) throw error
    return error.message
  } finally {
    await transport.close?.()
  }
}

const checkProvider = async (provider: Provider, cli: Cli, config: Config): Promise<Finding> => {
  const { title: about, keys, files } = provider
  const source = credentialSource(provider, cli)
  if (source === undefined)
    return { state: "missing", about, text: `no credentials; set ${keys.join(" or ")}` }
  const problem = files ? await checkBedrock(config.region) : undefined
  return problem === undefined
    ? { state: "ok", about, text: `credentials from ${source}` }
    : { state: "wrong", about, text: problem }
}

const marks = { ok: "✓", missing: "·", wrong: "✗" } as const
const styles = { ok: "green", missing: "dim", wrong: "red" } as const

const examine = async (cli: Cli): Promise<number> => {
  const { config, finding } = await checkConfig(cli)
  const findings = [checkNode(), finding, await checkLedger(cli, config)]
  for (const provider of providers) findings.push(await checkProvider(provider, cli, config))
  const { print, paint } = cli.terminal
  for (const { state, about, text } of findings)
    print(`${paint(styles[state], marks[state])} ${about}: ${text}\n`)
  const { environment, home } = cli
  if (!credentialSource(providers[0] as Provider, cli))
    print(`\n${credentialAdvice({ environment, home, exists: existsSync }, "pictor doctor")}`)
  print("\nNo request was sent. Whether an account may use a model, only a call shows.\n")
  return findings.some(({ state }) => state === "wrong") ? exitCodes.failed : exitCodes.success
}

export const configureDoctor = async (
  command: Command,
  cli: Cli,
  end: (code: number) => void,
): Promise<void> => {
  command.action(async () => end(await examine(cli)))
}
