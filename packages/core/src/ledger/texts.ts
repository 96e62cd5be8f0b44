import type { Reservation } from "../contract/ledger.ts"
import { formatNumber } from "../models/suggest.ts"
import { invalid } from "./row.ts"

/** Characters of a text of an account or a tag. Rows are kept for ever, one per provider call. */
const maxText = 500

/** Tags of a request, besides those of the host. */
const maxTags = 100

/** Tags whose name begins so are the host's own. */
const hostPrefix = "pictor."

const maxHostTags = 10

/** Characters of the value of a tag of the host, which may join two texts. */
const maxHostText = 1100

/** Throws `invalid_request` unless the texts of account and tags are short enough to be stored. */
export const checkTexts = ({
  account = {},
  tags = {},
}: Pick<Reservation, "account" | "tags">): void => {
  for (const [name, text] of Object.entries(account)) checkLength(`account.${name}`, text)
  const entries = Object.entries(tags)
  const hostTags = entries.filter(([name]) => name.startsWith(hostPrefix)).length
  const own = entries.length - Math.min(hostTags, maxHostTags)
  if (own > maxTags) throw invalid(`tags has ${formatNumber(own)} tags. Send at most ${maxTags}.`)
  for (const [name, value] of entries) {
    checkLength("The name of a tag", name)
    checkLength("The value of a tag", value, name.startsWith(hostPrefix) ? maxHostText : maxText)
  }
}

const checkLength = (field: string, text: unknown, max = maxText): void => {
  if (typeof text === "string" && text.length > max)
    throw invalid(
      `${field} has ${formatNumber(text.length)} characters. Send at most ${formatNumber(max)}.`,
    )
}
