import type { Decoded, ImageAdapter } from "../contract/adapter.ts"
import type { Pictor } from "../contract/client.ts"
import { type ImageError, imageError, invalidRequest, isImageError } from "../contract/errors.ts"
import type { ResumeResult } from "../contract/generate.ts"
import type { Ledger, SubmittedJob, UnresolvedRow } from "../contract/ledger.ts"
import type { Reply } from "../contract/transport.ts"
import { defined, times } from "../lib/object.ts"
import { checkOptionNames } from "../models/suggest.ts"
import { addCosts } from "../planning/price.ts"
import { decode, outcomeOf, withError } from "./call.ts"
import { toRecipe, toSlots } from "./outcome.ts"
import { isUncertain, settlementOf, writeEnd } from "./reservation.ts"
import { storeImages } from "./stored-result.ts"
import type { CallOutcome, GenerateRules } from "./types.ts"

/** Rows of one `unfinished`. */
const maxRows = 10_000

interface ResumableRow {
  readonly row: UnresolvedRow
  readonly job: SubmittedJob
  readonly adapter: ImageAdapter
}

export interface Resumer extends Pick<Pictor, "unfinished" | "resume"> {
  /** An unfinished row with its job and adapter, or why this client cannot resume it. */
  find(id: string): Promise<ResumableRow | ImageError>
  resumeJob(found: ResumableRow, signal: AbortSignal | undefined): Promise<ResumeResult>
}

/** The client's methods for calls that were sent and got no outcome. */
export const createResumer = (
  adapters: readonly ImageAdapter[],
  { ledger: given, imageStore }: Pick<GenerateRules, "ledger" | "imageStore">,
): Resumer => {
  const ledgerFor = (method: string): Ledger => {
    if (given) return given
    throw imageError("unsupported", `pictor.${method} needs createPictor({ ledger }).`)
  }

  const find: Resumer["find"] = async (id) => {
    const [row] = await ledgerFor("resume").unresolved({ jobs: true, id })
    return row
      ? resumable(row, adapters)
      : invalidRequest(`The ledger has no unfinished row ${id}: it has ended, or was never sent.`)
  }

  const resumeJob: Resumer["resumeJob"] = async (found, signal) => {
    const { row, job } = found
    const ledger = ledgerFor("resume")
    const answer = job.lost ? "lost" : await poll(found, signal)
    if (answer === "running") return { status: "running" }
    if (answer !== "lost") return endRow(ledger, imageStore, found, answer)
    // If this is not written, the next resume asks again.
    await ledger.submitted(row.id, { ...job, lost: true }).catch(() => {})
    return { status: "expired" }
  }

  return {
    find,
    resumeJob,
    unfinished: async (query = {}) => {
      checkOptionNames("unfinished", query, { after: true })
      const rows = await listRows(ledgerFor("unfinished"), query.after)
      return rows.map((row) => ({
        ...row,
        resumable: !row.job?.lost && !isImageError(resumable(row, adapters)),
      }))
    },
    resume: async (id, options = {}) => {
      checkOptionNames("resume", options, { signal: true })
      const found = await find(id)
      if (isImageError(found)) throw found
      return resumeJob(found, options.signal)
    },
  }
}

const listRows = async (ledger: Ledger, after = ""): Promise<readonly UnresolvedRow[]> => {
  const rows: UnresolvedRow[] = []
  while (rows.length < maxRows) {
    const page = await ledger.unresolved({ jobs: true, after: rows.at(-1)?.id ?? after })
    if (page.length === 0) break
    rows.push(...page)
  }
  return rows.slice(0, maxRows)
}

const resumable = (
  row: UnresolvedRow,
  adapters: readonly ImageAdapter[],
): ResumableRow | ImageError => {
  const { id, job, model } = row
  const resolve = `Look the call up at the provider, then end it with ledger.resolve("${id}", "spent" | "unspent").`
  if (!job) return invalidRequest(`Ledger row ${id} has no job. ${resolve}`)
  const adapter = adapters.find(({ alias, name }) => (alias ?? name) === job.adapter)
  if (!adapter)
    return imageError(
      "misconfigured",
      `Ledger row ${id} needs the adapter ${job.adapter}: add it to createPictor({ adapters }).`,
    )
  if (!adapter.transport.resume)
    return imageError(
      "unsupported",
      `The transport ${adapter.transport.name} of ${model} cannot resume jobs. ${resolve}`,
    )
  return { row, job, adapter }
}

/** How a job ended, as its reply or an error says. */
interface EndedJob extends Omit<Decoded, "outcomes"> {
  readonly outcomes: readonly CallOutcome[]
  readonly requestId?: string
}

const poll = async (
  { row, job, adapter }: ResumableRow,
  signal: AbortSignal | undefined,
): Promise<EndedJob | "running" | "lost"> => {
  const { id, url, modelId, region } = job
  const { model, images } = row
  const failed = (error: ImageError): EndedJob => ({
    outcomes: times(images, () => outcomeOf(error)),
    ...defined({ requestId: error.requestId }),
  })
  let reply: Reply | "running" | "lost" | undefined
  try {
    reply = await adapter.transport.resume?.(
      { id, ...defined({ url }) },
      { model, modelId, ...defined({ region, http: adapter.http, signal }) },
    )
  } catch (error) {
    // A verdict on the content ends the job. Any other error says nothing about it.
    if (isImageError(error, "content_filtered")) return failed(error)
    throw isImageError(error) ? error : notPolled(row, error)
  }
  if (reply === undefined || typeof reply === "string") return reply ?? "running"
  try {
    const { outcomes, ...answer } = decode({ adapter, modelId }, reply, images)
    return {
      outcomes: outcomes.map(withError),
      ...answer,
      ...defined({ requestId: reply.requestId }),
    }
  } catch (error) {
    // `decode` throws no other error: the reply cannot be read.
    return failed(error as ImageError)
  }
}

const notPolled = ({ id, model }: UnresolvedRow, cause: unknown): ImageError =>
  imageError(
    "unavailable",
    `The job of ${model} could not be polled. Resume ledger row ${id} again later.`,
    { cause },
  )

/** Stores the images, then ends the row. */
const endRow = async (
  ledger: Ledger,
  imageStore: GenerateRules["imageStore"],
  { row, job, adapter }: ResumableRow,
  { outcomes, requestId, ...answer }: EndedJob,
): Promise<ResumeResult> => {
  const { id, cost: reserved, images, seed } = row
  const warnings: string[] = []
  const { slots, estimated } = toSlots(outcomes, answer, {
    call: { modelId: job.modelId, ...defined({ seed }) },
    images,
    row: job.price,
    reserved: reserved.unpricedImages > 0 ? undefined : reserved.microUsd + reserved.maybeMicroUsd,
    recipe: (index, imageSeed) =>
      toRecipe(adapter, {
        request: {},
        model: row.model,
        ...job,
        callSeed: seed ?? (images === 1 ? imageSeed : undefined),
        callImages: images,
        index,
        reason: "its job was resumed, and the ledger keeps no request",
      }),
    warnings,
  })
  const { usage } = answer
  const settlement = settlementOf(
    slots,
    defined({ requestId: row.requestId ?? requestId, usage, estimated }),
  )
  const { model, account, tags = {} } = row
  const about = { model, day: row.time.slice(0, 10), tags, account }
  const areStored = !imageStore || (await storeImages(imageStore, id, slots, about, warnings))
  if (!areStored) warnings.push(`Ledger row ${id} stays unfinished. Resume it again later.`)
  // A row that is held already says as much as an uncertain end.
  else if (row.state !== "held" || !isUncertain(settlement))
    await writeEnd(ledger, id, settlement, warnings)
  return {
    status: slots.some(({ status }) => status === "delivered") ? "delivered" : "failed",
    slots,
    cost: addCosts(slots.map(({ cost }) => cost)),
    warnings,
  }
}
