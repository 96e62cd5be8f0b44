import { parseArgs } from "node:util"
import type { BedrockClientConfig } from "@aws-sdk/client-bedrock"
import type { ModelCard } from "@pictor/core"
import { compareCatalog, type Difference, type Listing } from "./compare.ts"
import { readListings } from "./listings.ts"
import { comparePrices, type ImagePrice, readPriceList } from "./price-list.ts"

const help = `Compares the model cards with what AWS states about its image models.

  pnpm catalog [--region REGION]... [--price-list FILE]... [--help]

Calls ListFoundationModels (and GetFoundationModel) in every region that a card names, or in those given, with the
AWS SDK's own credentials. Reads only; nothing is charged. Needs bedrock:ListFoundationModels and bedrock:GetFoundationModel.

--price-list also compares prices with AWS's price list of a region, a JSON file that needs no credentials:

  curl -o prices.json https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/AmazonBedrock/current/us-east-1/index.json
  pnpm catalog --region us-west-2 --price-list prices.json

Exit codes: 0 nothing differs, 1 something differs, 2 wrong usage, 3 a region or a file could not be read.`

const lineOf = ({ model, region, what, card, aws }: Difference): string =>
  `${model}${region ? ` in ${region}` : ""}: ${what} is "${card}" on the card and "${aws}" at AWS`

const ask = async (
  region: string,
  config: BedrockClientConfig,
  write: (line: string) => void,
): Promise<readonly Listing[] | undefined> => {
  try {
    const listings = await readListings(region, config)
    write(`${region}: ${listings.length} image models listed`)
    return listings
  } catch (error) {
    // The SDK's own message may name an identity. The error's name is enough to act on.
    write(
      `${region}: models could not be listed (${error instanceof Error ? error.name : "unknown error"}). Set credentials that allow bedrock:ListFoundationModels, such as AWS_PROFILE.`,
    )
    return undefined
  }
}

const read = (words: readonly string[]) => {
  try {
    return parseArgs({
      args: [...words],
      options: {
        region: { type: "string", multiple: true },
        "price-list": { type: "string", multiple: true },
        help: { type: "boolean", short: "h" },
      },
    }).values
  } catch {
    return undefined
  }
}

const readPrices = async (
  path: string,
  write: (line: string) => void,
): Promise<readonly ImagePrice[] | undefined> => {
  try {
    const prices = await readPriceList(path)
    write(`${path}: ${prices.length} image prices listed`)
    return prices
  } catch (error) {
    const why = error instanceof SyntaxError ? "is not JSON" : (error as Error).message
    write(`${path}: ${why}. Give a price list of Amazon Bedrock as JSON; --help shows where.`)
    return undefined
  }
}

/** Runs the command; returns its exit code. */
export const checkCatalog = async (
  words: readonly string[],
  cards: readonly ModelCard[],
  write: (line: string) => void,
  config: BedrockClientConfig = {},
): Promise<number> => {
  const options = read(words)
  if (!options || options.help) {
    write(help)
    return options ? 0 : 2
  }
  const regions = options.region ?? [...new Set(cards.flatMap((card) => card.regions))].toSorted()
  const answers: (readonly Listing[] | undefined)[] = []
  for (const region of regions) answers.push(await ask(region, config, write))
  const asked = regions.filter((_, index) => answers[index] !== undefined)
  const lists: (readonly ImagePrice[] | undefined)[] = []
  for (const path of options["price-list"] ?? []) lists.push(await readPrices(path, write))
  const differences = [
    ...compareCatalog(
      cards,
      answers.flatMap((each) => each ?? []),
      asked,
    ),
    ...comparePrices(
      cards,
      lists.flatMap((each) => each ?? []),
    ),
  ]
  const isComplete = asked.length === regions.length && !lists.includes(undefined)
  for (const difference of differences) write(lineOf(difference))
  write(
    asked.length === 0 && lists.every((each) => each === undefined)
      ? "No region answered."
      : differences.length === 0
        ? "Cards and AWS say the same."
        : `${differences.length} differences.`,
  )
  if (!isComplete) return 3
  return differences.length > 0 ? 1 : 0
}
