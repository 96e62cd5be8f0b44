import { parseArgs } from "node:util"
import type { BedrockClientConfig } from "@aws-sdk/client-bedrock"
import type { ModelCard } from "@pictor/core"
import { compareCatalog, type Difference, type Listing } from "./compare.ts"
import { readListings } from "./listings.ts"

const help = `pictor catalog check: what AWS says of its image models, against the model cards.

  pnpm catalog [--region REGION]... [--help]

Asks ListFoundationModels (and GetFoundationModel) in every region that a card names, or in those given, with the
AWS SDK's own credentials. Reads only; nothing is charged. Needs bedrock:ListFoundationModels and bedrock:GetFoundationModel.

  pnpm catalog --region us-west-2

Exit codes: 0 nothing differs, 1 something differs, 2 wrong usage, 3 a region could not be asked.`

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
    // The SDK's own words may name an identity: its error's name is enough to act on.
    write(
      `${region}: could not be asked (${error instanceof Error ? error.name : "unknown error"}). Are there credentials, and may they list models there?`,
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
        help: { type: "boolean", short: "h" },
      },
    }).values
  } catch {
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
  const differences = compareCatalog(
    cards,
    answers.flatMap((each) => each ?? []),
    asked,
  )
  for (const difference of differences) write(lineOf(difference))
  write(
    asked.length === 0
      ? "No region answered."
      : differences.length === 0
        ? "Cards and AWS say the same."
        : `${differences.length} differences.`,
  )
  return asked.length < regions.length ? 3 : differences.length > 0 ? 1 : 0
}
