import { createPictor, type ImageAdapter, type Ledger, type Pictor } from "@pictor/core"
import { forgetAws } from "@pictor/terminal"
import type { Cli } from "./cli.ts"
import { type Config, readConfig } from "./config.ts"
import { CommandError } from "./errors.ts"
import { ledgerPlace, openLedgerAt } from "./ledger-file.ts"
import { type Provider, providers } from "./providers.ts"

export interface ClientOptions {
  readonly live: boolean
  readonly region?: string | undefined
  /** Opens the ledger, for commands that make calls. */
  readonly records?: boolean
  /** Loads the image operations, for requests with pictures. */
  readonly images?: boolean
}

export interface Opened {
  readonly pictor: Pictor
  readonly config: Config
  readonly live: boolean
  /** The provider of a card. */
  readonly providerOf: (model: string) => Provider | undefined
}

const chosen = ({ providers: names }: Config): readonly Provider[] => {
  if (names === undefined) return providers
  for (const name of names)
    if (!providers.some((provider) => provider.name === name))
      throw new CommandError(
        `pictor.json: providers has ${JSON.stringify(name.slice(0, 40))}; known are ${providers.map((each) => each.name).join(", ")}.`,
      )
  return providers.filter(({ name }) => names.includes(name))
}

/** A client for the models of all providers. Close it. */
export const openClient = async (cli: Cli, options: ClientOptions): Promise<Opened> => {
  const config = await readConfig(cli)
  const { live, region = config.region } = options
  const { environment } = cli
  // So that no setting of the environment can turn an emulated call into a live one.
  if (!live) forgetAws(environment)
  const families = new Map<string, Provider>()
  const adapters: ImageAdapter[] = []
  for (const provider of chosen(config)) {
    for (const adapter of await provider.adapters({ live, region, environment })) {
      adapters.push(adapter)
      for (const { id } of adapter.models) families.set(id, provider)
    }
  }
  const ledger: Ledger | undefined = options.records
    ? await openLedgerAt(ledgerPlace(live, cli, config))
    : undefined
  const imageOps = options.images ? (await import("@pictor/images")).sharpImages() : undefined
  return {
    config,
    live,
    pictor: createPictor({
      adapters,
      ...(ledger && { ledger }),
      ...(imageOps && { imageOps }),
    }),
    providerOf: (model) => families.get(model),
  }
}
