import type { CallQuery, DurableLedger, LedgerCall } from "@pictor/ledger"
import { stringify } from "csv-stringify/sync"
import { type Context, Hono } from "hono"
import { HTTPException } from "hono/http-exception"
import { stream } from "hono/streaming"
import { z } from "zod"
import { refuse, take } from "../keys/request-schema.ts"
import { callTag } from "../request-context.ts"
import { type Env, masterOnly } from "./access.ts"
import {
  daily,
  type Owner,
  type ReportKey,
  report,
  reportColumns,
  reportKeys,
  toLogRow,
} from "./spend-rows.ts"
import { timeRange } from "./time-range.ts"

const optional = z.string().min(1).optional()

const logsQuery = z.strictObject({
  request_id: optional,
  api_key: optional,
  user_id: optional,
  start_date: optional,
  end_date: optional,
  summarize: z.enum(["true", "false"]).default("true"),
})

const reportQuery = z.strictObject({
  group_by: z.string().min(1).default("day"),
  start_date: optional,
  end_date: optional,
})

/** `"team,day"`, `"tag:name"`. */
const keysOf = (text: string): readonly ReportKey[] => {
  const keys = text.split(",").map((name) => {
    if (name.startsWith("tag:")) return name as ReportKey
    const key = Object.hasOwn(reportKeys, name) ? reportKeys[name] : undefined
    const allowed = `${Object.keys(reportKeys).join(", ")} or tag:<name>`
    return (
      key ??
      refuse([
        {
          code: "invalid_request",
          path: "group_by",
          message: `group_by: there is no ${name}; take ${allowed}.`,
          allowed,
        },
      ])
    )
  })
  if (keys.length > 1 && keys.includes("tag"))
    refuse([
      {
        code: "invalid_request",
        path: "group_by",
        message: "group_by: tag stands alone; beside others take tag:<name>.",
      },
    ])
  return [...new Set(keys)]
}

const chunkRows = 500

/** A JSON array in chunks, however many rows there are. */
async function* jsonArray(calls: AsyncIterable<LedgerCall>): AsyncGenerator<string> {
  let [text, rows, begun] = ["[", 0, false]
  for await (const call of calls) {
    text += `${begun ? "," : ""}${JSON.stringify(toLogRow(call))}`
    begun = true
    rows += 1
    if (rows % chunkRows !== 0) continue
    yield text
    text = ""
  }
  yield `${text}]`
}

const streamed = async (
  context: Context<Env>,
  chunks: AsyncGenerator<string>,
): Promise<Response> => {
  // What fails at once fails before the answer has begun.
  const first = await chunks.next()
  context.header("content-type", "application/json")
  return stream(context, async (out) => {
    if (!first.done) await out.write(first.value)
    for await (const chunk of chunks) {
      if (out.aborted) return
      await out.write(chunk)
    }
  })
}

const ownerOf = async (
  context: Context<Env>,
  fields: z.output<typeof logsQuery>,
  idOf: (text: string) => Promise<string | undefined>,
): Promise<Owner> => {
  const { keyId } = context.var.caller
  // An id that no key has finds nothing.
  const asked = fields.api_key === undefined ? keyId : ((await idOf(fields.api_key)) ?? "none")
  if (keyId !== undefined && asked !== keyId)
    throw new HTTPException(403, {
      message: "A key sees only its own spending; the master key sees all.",
    })
  return { key: asked, user: fields.user_id }
}

/** The calls of one id: a call's own, or that of the request which they were made for. */
async function* callsOf(
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

const logs =
  (ledger: DurableLedger, idOf: (text: string) => Promise<string | undefined>) =>
  async (context: Context<Env>) => {
    const { fields } = take(logsQuery, context.req.query())
    const owner = await ownerOf(context, fields, idOf)
    const time = timeRange(fields.start_date, fields.end_date)
    const dated =
      time.from !== undefined && time.to !== undefined && fields.request_id === undefined
    if (dated && fields.summarize === "true") return context.json(await daily(ledger, time, owner))
    const query: CallQuery = {
      ...time,
      ...(owner.key !== undefined && { key: owner.key }),
      ...(owner.user !== undefined && { user: owner.user }),
    }
    const { request_id: id } = fields
    return streamed(
      context,
      jsonArray(id === undefined ? ledger.calls(query) : callsOf(ledger, query, id)),
    )
  }

const reported = (ledger: DurableLedger) => async (context: Context<Env>) => {
  const { fields } = take(reportQuery, context.req.query())
  const by = keysOf(fields.group_by)
  const rows = await report(ledger, by, timeRange(fields.start_date, fields.end_date))
  if (!context.req.header("accept")?.includes("text/csv")) return context.json(rows)
  // A spreadsheet would take a tag that begins with "=" for a formula.
  const text = stringify([...rows], {
    header: true,
    columns: [...reportColumns(by)],
    escape_formulas: true,
  })
  return context.body(text, 200, {
    "content-type": "text/csv; charset=utf-8",
    "content-disposition": 'attachment; filename="spend.csv"',
  })
}

/** What was spent, from the ledger, as of now. `idOf`: of a key or its id. */
export const spendRoutes = (
  ledger: DurableLedger,
  idOf: (text: string) => Promise<string | undefined>,
): Hono<Env> => {
  const routes = new Hono<Env>()
  routes.get("/spend/logs", logs(ledger, idOf))
  routes.get("/spend/report", masterOnly, reported(ledger))
  routes.get("/global/spend/report", masterOnly, reported(ledger))
  return routes
}
