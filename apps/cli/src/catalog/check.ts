import type { BedrockClientConfig } from "@aws-sdk/client-bedrock"
import type { ModelCard } from "@pictor/core"
import { compareCatalog, type Difference, type Listing } from "./compare.ts"
import { readListings } from "./listings.ts"
import { comparePrices, type ImagePrice, readPriceList } from "./price-list.ts"

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

export interface CatalogOptions {
  /** Default: every region that a card names. */
  readonly regions: readonly string[]
  /** Files. */
  readonly priceLists: readonly string[]
}

/**
 * Compares cards with AWS's list of models, and with its price lists. Returns 1 if something
 * differs, or if a region or a file could not be read.
 */
export const checkCatalog = async (
  options: CatalogOptions,
  cards: readonly ModelCard[],
  write: (line: string) => void,
  config: BedrockClientConfig = {},
): Promise<number> => {
  const all = [...new Set(cards.flatMap((card) => card.regions))].toSorted()
  const regions = options.regions.length > 0 ? options.regions : all
  const answers: (readonly Listing[] | undefined)[] = []
  for (const region of regions) answers.push(await ask(region, config, write))
  const asked = regions.filter((_, index) => answers[index] !== undefined)
  const lists: (readonly ImagePrice[] | undefined)[] = []
  for (const path of options.priceLists) lists.push(await readPrices(path, write))
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
  return isComplete && differences.length === 0 ? 0 : 1
}
