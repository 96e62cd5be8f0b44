import { defined, quote } from "@pictor/core/host"
import type { CallQuery, DurableLedger, LedgerCall } from "@pictor/ledger"
import { stringify } from "csv-stringify/sync"
import { type Context, Hono } from "hono"
import { z } from "zod"
import { invalid, parseFields, reject, rejectField } from "../keys/request-schema.ts"
import { dayMs, iso } from "../keys/units.ts"
import { callTag } from "../request-context.ts"
import { type AdminEnv, ownKeyOnly, readJson, requireMaster } from "./access.ts"
import {
  daily,
  type ReportKey,
  report,
  reportColumns,
  reportKeys,
  toLogRow,
  toUnresolvedRow,
} from "./spend-rows.ts"

const optional = z.string().min(1).optional()

export const logsQuery = z.strictObject({
  request_id: optional,
  api_key: optional,
  user_id: optional,
  start_date: optional,
  end_date: optional,
  summarize: z.enum(["true", "false"]).default("true"),
})

export const unresolvedQuery = z.strictObject({ after: optional })

export const resolveBody = z.strictObject({
  id: z.string().min(1).max(100),
  verdict: z.enum(["spent", "unspent"]),
})

export const reportQuery = z.strictObject({
  group_by: z.string().min(1).default("day"),
  start_date: optional,
  end_date: optional,
})

/** `"team,day"`, `"tag:name"`. */
const parseGroups = (text: string): readonly ReportKey[] => {
  const groups = text.split(",").map((name) => {
    if (name.startsWith("tag:")) return name as ReportKey
    const group = Object.hasOwn(reportKeys, name) ? reportKeys[name] : undefined
    const allowed = `${Object.keys(reportKeys).join(", ")} or tag:<name>`
    return (
      group ??
      reject([
        {
          ...invalid("group_by", `group_by: unknown group ${quote(name)}. Use ${allowed}.`),
          allowed,
        },
      ])
    )
  })
  if (groups.length > 1 && groups.includes("tag"))
    rejectField("group_by", "group_by: tag cannot be combined. Use tag:<name> with other groups.")
  return [...new Set(groups)]
}

const date = /^\d{4}-\d{2}-\d{2}$/

const parseTime = (field: string, text: string): number => {
  const timeMs = Date.parse(text)
  // `Date.parse` reads "2026-02-30" as March 2.
  const exists = date.test(text)
    ? !Number.isNaN(timeMs) && iso(timeMs).startsWith(text)
    : /^\d{4}-\d{2}-\d{2}T/.test(text) && !Number.isNaN(timeMs)
  if (!exists)
    rejectField(
      field,
      `${field}: expected a day such as 2026-11-20, or a time such as 2026-11-20T12:00:00Z.`,
    )
  return timeMs
}

/** Days are whole UTC days, and `end_date` is included. An end time is excluded. */
const parseTimeRange = ({
  start_date: start,
  end_date: end,
}: {
  readonly start_date?: string | undefined
  readonly end_date?: string | undefined
}) => {
  const fromMs = start === undefined ? undefined : parseTime("start_date", start)
  const toMs =
    end === undefined ? undefined : parseTime("end_date", end) + (date.test(end) ? dayMs : 0)
  if (fromMs !== undefined && toMs !== undefined && fromMs >= toMs)
    rejectField("end_date", "end_date is before start_date.")
  return defined({
    from: fromMs === undefined ? undefined : iso(fromMs),
    to: toMs === undefined ? undefined : iso(toMs),
  })
}

const chunkRows = 500

/** A JSON array in chunks, so that a long list is never in memory as a whole. */
async function* toJsonChunks(ledgerCalls: AsyncIterable<LedgerCall>): AsyncGenerator<string, void> {
  let text = "["
  let rows = 0
  for await (const call of ledgerCalls) {
    text += `${rows === 0 ? "" : ","}${JSON.stringify(toLogRow(call))}`
    rows += 1
    if (rows % chunkRows !== 0) continue
    yield text
    text = ""
  }
  yield `${text}]`
}

const streamJson = async (
  context: Context<AdminEnv>,
  chunks: AsyncGenerator<string, void>,
): Promise<Response> => {
  // An error in the first chunk still gets its own status.
  let first: IteratorResult<string, void> | undefined = await chunks.next()
  const encoder = new TextEncoder()
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull: async (controller) => {
      const { done, value } = first ?? (await chunks.next())
      first = undefined
      if (done) controller.close()
      else controller.enqueue(encoder.encode(value))
    },
    cancel: async () => {
      await chunks.return()
    },
  })
  context.header("content-type", "application/json")
  return context.body(body)
}

/** `id` is a call's own id, or the id of the request that the calls belong to. */
async function* callsById(
  ledger: DurableLedger,
  query: CallQuery,
  id: string,
): AsyncGenerator<LedgerCall> {
  let found = false
  for await (const call of ledger.calls({ ...query, id })) {
    found = true
    yield call
  }
  if (!found) yield* ledger.calls({ ...query, tags: { [callTag]: id } })
}

/** LiteLLM logs and lists keys by this hash. The gateway stores a keyed hash only. */
const sha256 = /^[\da-f]{64}$/i

const checkKeyName = (name: string | undefined): void => {
  if (name !== undefined && sha256.test(name))
    rejectField(
      "api_key",
      "api_key is a SHA-256. The gateway does not store that hash of its keys and cannot find one by it. Send the key itself, or its token from GET /key/list.",
    )
}

interface SpendDependencies {
  readonly ledger: DurableLedger
  readonly keyIdOf: (name: string) => Promise<string | undefined>
}

const logs = async (context: Context<AdminEnv>, { ledger, keyIdOf }: SpendDependencies) => {
  const { fields } = parseFields(logsQuery, context.req.query())
  const { caller } = context.var
  const { request_id: id, api_key: name, user_id: user } = fields
  checkKeyName(name)
  // An unknown key matches no call.
  const key = name === undefined ? caller.keyId : ((await keyIdOf(name)) ?? "none")
  ownKeyOnly(caller, key)
  const query: CallQuery = { ...parseTimeRange(fields), ...defined({ key, user }) }
  const isDaily = query.from !== undefined && query.to !== undefined && id === undefined
  if (isDaily && fields.summarize === "true") return context.json(await daily(ledger, query))
  return streamJson(
    context,
    toJsonChunks(id === undefined ? ledger.calls(query) : callsById(ledger, query, id)),
  )
}

const spendReport = async (context: Context<AdminEnv>, { ledger }: SpendDependencies) => {
  const { fields } = parseFields(reportQuery, context.req.query())
  const groups = parseGroups(fields.group_by)
  const rows = await report(ledger, groups, parseTimeRange(fields))
  if (!context.req.header("accept")?.includes("text/csv")) return context.json(rows)
  // A spreadsheet would run a tag that begins with "=" as a formula.
  const text = stringify([...rows], {
    header: true,
    columns: [...reportColumns(groups)],
    escape_formulas: true,
  })
  return context.body(text, 200, {
    "content-type": "text/csv; charset=utf-8",
    "content-disposition": 'attachment; filename="spend.csv"',
  })
}

/**
 * A page of the calls that were sent and got no verdict. `next` is the `after` of the next page.
 */
const unresolved = async (context: Context<AdminEnv>, { ledger }: SpendDependencies) => {
  const { fields } = parseFields(unresolvedQuery, context.req.query())
  const rows = await ledger.unresolved(defined({ after: fields.after }))
  return context.json({ calls: rows.map(toUnresolvedRow), next: rows.at(-1)?.id ?? null })
}

const resolve = async (context: Context<AdminEnv>, { ledger }: SpendDependencies) => {
  const { id, verdict } = parseFields(resolveBody, await readJson(context)).fields
  await ledger.resolve(id, verdict)
  return context.json({ id, verdict })
}

export const spendRoutes = (dependencies: SpendDependencies): Hono<AdminEnv> => {
  const routes = new Hono<AdminEnv>()
  routes.get("/spend/logs", (context) => logs(context, dependencies))
  routes.get("/spend/unresolved", requireMaster, (context) => unresolved(context, dependencies))
  routes.post("/spend/resolve", requireMaster, (context) => resolve(context, dependencies))
  for (const path of ["/spend/report", "/global/spend/report"])
    routes.get(path, requireMaster, (context) => spendReport(context, dependencies))
  return routes
}
