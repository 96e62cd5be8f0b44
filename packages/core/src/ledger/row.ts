import type { Cost } from "../contract/cost.ts"
import { ImageError } from "../contract/errors.ts"
import type {
  Reservation,
  RowState,
  Settlement,
  SubmittedJob,
  UnresolvedRow,
} from "../contract/ledger.ts"
import type { Task } from "../contract/request.ts"
import { defined, pick } from "../lib/object.ts"
import { formatNumber } from "../models/suggest.ts"
import { copyUnits } from "../planning/price.ts"

/** Sums over rows. */
export type Sums = Readonly<
  Record<keyof Cost | "calls" | "images" | "reservedMicroUsd" | "reservedImages", number>
>

/** One row, or folded rows that no report or budget tells apart. */
export interface Entry {
  /**
   * Facts to group by: `model`, `provider`, `task`, `day`, `month`, `key`, `user`, `team`,
   * `endUser`, `tag:<name>`; and `client-tag:<name>` for a tag that no budget counts.
   */
  readonly facts: Readonly<Record<string, string>>
  /** The time of the reservation. */
  readonly timeMs: number
  /** The latest time of folded rows. */
  readonly latestMs?: number
  readonly state: RowState
  readonly sums: Sums
}

/** One provider call and its current state. */
export interface Row extends Entry {
  readonly id: string
  readonly cost: Cost
  readonly ordered: number
  readonly seed?: number | undefined
  readonly run: Run | undefined
  state: RowState
  sums: Sums
  sent: boolean
  leaseEndsMs: number
  settlement?: Settlement | undefined
  verdict?: "spent" | "unspent"
  job?: SubmittedJob | undefined
}

export type Draft = Omit<Row, "id" | "run">

/** The rows of one idempotency key. */
export interface Run {
  readonly hash: string
  readonly startedMs: number
  readonly rows: Row[]
}

export const zero: Sums = {
  calls: 0,
  images: 0,
  microUsd: 0,
  maybeMicroUsd: 0,
  unpricedImages: 0,
  reservedMicroUsd: 0,
  reservedImages: 0,
}

export const plus = (first: Sums, second: Sums, sign: 1 | -1 = 1): Sums => ({
  calls: first.calls + sign * second.calls,
  images: first.images + sign * second.images,
  microUsd: first.microUsd + sign * second.microUsd,
  maybeMicroUsd: first.maybeMicroUsd + sign * second.maybeMicroUsd,
  unpricedImages: first.unpricedImages + sign * second.unpricedImages,
  reservedMicroUsd: first.reservedMicroUsd + sign * second.reservedMicroUsd,
  reservedImages: first.reservedImages + sign * second.reservedImages,
})

export const invalid = (message: string): ImageError =>
  new ImageError({ code: "invalid_request", message })

const isWhole = (value: unknown): boolean =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0

/** Throws `invalid_request` unless all are safe integers from 0. */
export const whole = <Numbers extends object>(numbers: Numbers): Numbers => {
  if (Object.values(numbers).every(isWhole)) return numbers
  const entries: readonly (readonly [string, unknown])[] = Object.entries(numbers)
  const [name, value] = entries.find(([, each]) => !isWhole(each)) ?? []
  throw invalid(
    `${name} must be a whole number from 0 to ${Number.MAX_SAFE_INTEGER}, not ${value}.`,
  )
}

/** Checks the total: if it is exact, every part is. */
export const exact = (total: Sums): Sums => {
  whole({ "The ledger's total": Object.values(total).reduce((sum, value) => sum + value) })
  return total
}

/** A checked copy. */
export const copyCost = ({ microUsd, maybeMicroUsd, unpricedImages }: Cost): Cost =>
  whole({ microUsd, maybeMicroUsd, unpricedImages })

/** A checked copy. */
export const copySettlement = (settlement: Settlement): Settlement => {
  const { cost, delivered, requestId, usage, estimated } = settlement
  const units = copyUnits(usage)
  if (usage !== undefined && !units)
    throw invalid(`usage must be numbers from 0 to ${Number.MAX_SAFE_INTEGER} by unit.`)
  return {
    cost: copyCost(cost),
    ...whole({ delivered }),
    ...defined({ requestId, usage: units, estimated }),
  }
}

/** Characters of a job as JSON. */
const maxJob = 16_384

/** A checked copy. */
export const copyJob = (job: SubmittedJob): SubmittedJob => {
  const text = JSON.stringify(job)
  if (typeof job.id !== "string" || job.id === "") throw invalid("A job needs an id.")
  if (text.length > maxJob)
    throw invalid(
      `The job has ${formatNumber(text.length)} characters as JSON. Send at most ${formatNumber(maxJob)}.`,
    )
  return JSON.parse(text) as SubmittedJob
}

/** What a row adds to the sums in a state. */
export const sumsOf = (
  state: RowState,
  { cost, ordered }: Pick<Row, "cost" | "ordered">,
  settlement?: Settlement,
): Sums => {
  const estimateMicroUsd = cost.microUsd + cost.maybeMicroUsd
  const counted =
    state === "released"
      ? {}
      : state === "reserved"
        ? { reservedMicroUsd: estimateMicroUsd, reservedImages: ordered }
        : {
            ...(settlement?.cost ?? { ...cost, microUsd: 0, maybeMicroUsd: estimateMicroUsd }),
            // Without a verdict every requested image may have been charged.
            images: Math.max(settlement?.delivered ?? 0, state === "settled" ? 0 : ordered),
          }
  return { ...zero, calls: 1, ...counted }
}

/** The settlement of a held or lapsed row by its verdict; undefined if nothing was charged. */
export const resolved = (
  { sums, settlement }: Row,
  verdict: "spent" | "unspent",
): Settlement | undefined => {
  const { microUsd, maybeMicroUsd, unpricedImages, images } = sums
  const usage = defined({ usage: settlement?.usage })
  if (verdict === "spent")
    return {
      cost: { microUsd: microUsd + maybeMicroUsd, maybeMicroUsd: 0, unpricedImages },
      delivered: images,
      ...usage,
    }
  const delivered = settlement?.delivered ?? 0
  return delivered + microUsd > 0
    ? {
        cost: { microUsd, maybeMicroUsd: 0, unpricedImages: Math.min(unpricedImages, delivered) },
        delivered,
        ...usage,
      }
    : undefined
}

const accountFields: ReadonlySet<string> = new Set(["key", "user", "team", "endUser"])

const tagsOf = (facts: Row["facts"]): UnresolvedRow["tags"] => {
  const tags = Object.entries(facts).flatMap(([name, value]) => {
    const [, tag] = /^(?:client-)?tag:(.*)$/s.exec(name) ?? []
    return tag === undefined ? [] : [[tag, value] as const]
  })
  return tags.length === 0 ? undefined : Object.fromEntries(tags)
}

/** A sent row without a verdict as `Ledger.unresolved` lists it. */
export const toUnresolved = (row: Row): UnresolvedRow => {
  const { id, timeMs, state, facts, settlement, job } = row
  // The call of a reserved row was sent: its price may be charged.
  const { images, ...sums } = state === "reserved" ? sumsOf("lapsed", row) : row.sums
  return {
    id,
    time: new Date(timeMs).toISOString(),
    state: state as UnresolvedRow["state"],
    model: facts["model"] ?? "",
    task: facts["task"] as Task,
    account: pick(facts, (_, name) => accountFields.has(name)),
    images,
    cost: {
      microUsd: sums.microUsd,
      maybeMicroUsd: sums.maybeMicroUsd,
      unpricedImages: sums.unpricedImages,
    },
    ...defined({
      provider: facts["provider"],
      tags: tagsOf(facts),
      requestId: settlement?.requestId,
      seed: row.seed,
      job,
    }),
  }
}

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
