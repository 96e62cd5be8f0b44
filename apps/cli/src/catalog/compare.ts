import type { ModelCard } from "@pictor/core"

/** What AWS states about one model in one region. */
export interface Listing {
  readonly id: string
  readonly region: string
  readonly status?: string
  /** ISO dates. */
  readonly legacyFrom?: string
  readonly extendedFrom?: string
  readonly retiredFrom?: string
}

/** A fact that differs between a card and AWS. `region` is set if it is regional. */
export interface Difference {
  readonly model: string
  readonly region?: string
  readonly what:
    | "region"
    | "status"
    | "legacyFrom"
    | "extendedFrom"
    | "retiredFrom"
    | "model"
    | `price of ${string}`
  readonly card: string
  readonly aws: string
}

const namesOf = ({ id, aliases = [], callableIds = [] }: ModelCard): readonly string[] => [
  id,
  ...aliases.map((alias) => (typeof alias === "string" ? alias : alias.id)),
  ...callableIds,
]

const regionsOf = (
  card: ModelCard,
  listed: readonly Listing[],
  asked: readonly string[],
): readonly Difference[] => {
  const { status } = card.lifecycle
  const isRetired = status === "retired"
  return asked.flatMap((region): readonly Difference[] => {
    const onCard = card.regions.includes(region) && !isRetired
    const atAws = listed.some((each) => each.region === region)
    // AWS lists a preview only to the accounts that have it.
    const isHidden = status === "preview" && !atAws
    if (onCard === atAws || (isRetired && atAws) || isHidden) return []
    return [
      {
        model: card.id,
        region,
        what: "region",
        card: onCard ? "available" : "not available",
        aws: atAws ? "available" : "not listed",
      },
    ]
  })
}

const statusOf = (card: ModelCard, listing: Listing): readonly Difference[] => {
  const { status, legacyFrom, extendedFrom, retiredFrom } = card.lifecycle
  const pairs = [
    // AWS's list has no previews.
    ["status", status === "preview" ? "active" : status, listing.status?.toLowerCase()],
    ["legacyFrom", legacyFrom, listing.legacyFrom],
    ["extendedFrom", extendedFrom, listing.extendedFrom],
    ["retiredFrom", retiredFrom, listing.retiredFrom],
  ] as const
  return pairs.flatMap(([what, mine, theirs]) =>
    theirs === undefined || mine === theirs
      ? []
      : [{ model: card.id, region: listing.region, what, card: mine ?? "not said", aws: theirs }],
  )
}

/** Differences between cards and AWS's listings of the regions; also models without a card. */
export const compareCatalog = (
  cards: readonly ModelCard[],
  listings: readonly Listing[],
  asked: readonly string[],
): readonly Difference[] => {
  const known = new Set(cards.flatMap(namesOf))
  const ofCards = cards.flatMap((card) => {
    const listed = listings.filter(({ id }) => namesOf(card).includes(id))
    return [
      ...regionsOf(card, listed, asked),
      ...listed.flatMap((listing) => statusOf(card, listing)),
    ]
  })
  const unknown = listings.filter(({ id }) => !known.has(id))
  return [
    ...ofCards,
    ...unknown.map(
      ({ id, region, status = "" }): Difference => ({
        model: id,
        region,
        what: "model",
        card: "no card",
        aws: status.toLowerCase() || "listed",
      }),
    ),
  ]
}
