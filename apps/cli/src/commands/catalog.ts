import type { Command } from "commander"
import type { Cli } from "../cli.ts"
import { providers } from "../providers.ts"
import { collect } from "../request.ts"

const bedrockCards = async () => {
  const bedrock = providers.find(({ name }) => name === "bedrock")
  const connection = { live: false, region: undefined, environment: {} }
  return (await bedrock?.adapters(connection))?.flatMap(({ models }) => models) ?? []
}

interface Flags {
  readonly region?: readonly string[]
  readonly priceList?: readonly string[]
}

const check = async (
  { region: regions = [], priceList: priceLists = [] }: Flags,
  { terminal }: Cli,
): Promise<number> => {
  const { checkCatalog } = await import("../catalog/check.ts")
  return checkCatalog({ regions, priceLists }, await bedrockCards(), (line) =>
    terminal.print(`${line}\n`),
  )
}

const priceListHelp = `
A price list needs no credentials:
  curl -o prices.json https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/AmazonBedrock/current/us-east-1/index.json
`

export const configureCatalog = async (
  command: Command,
  cli: Cli,
  end: (code: number) => void,
): Promise<void> => {
  command
    .command("check")
    .description("compare; reads only, needs bedrock:ListFoundationModels and GetFoundationModel")
    .option("--region <name>", "only this region; may be repeated", collect)
    .option("--price-list <file>", "AWS's price list as JSON; may be repeated", collect)
    .addHelpText("after", priceListHelp)
    .action(async (flags: Flags) => end(await check(flags, cli)))
}
