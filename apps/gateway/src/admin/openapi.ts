import type { JsonObject } from "@pictor/core"
import { z } from "zod"
import {
  budgetDeleteBody,
  budgetInfoBody,
  deleteBody,
  generateBody,
  keyBody,
  newBudgetBody,
  regenerateBody,
  updateBody,
  updateBudgetBody,
} from "../keys/request-schema.ts"
import { logsQuery, reportQuery, resolveBody, unresolvedQuery } from "./spend-routes.ts"

interface Documented {
  readonly summary: string
  readonly body?: z.ZodType
  readonly query?: readonly string[]
}

const namesOf = ({ shape }: z.ZodObject): readonly string[] => Object.keys(shape)

/** The routes of administration, by method and path. */
const documented: Readonly<Record<string, Documented>> = {
  "POST /key/generate": { summary: "Creates a key.", body: generateBody },
  "POST /key/update": { summary: "Changes a key.", body: updateBody },
  "POST /key/regenerate": { summary: "Replaces the secret of a key.", body: regenerateBody },
  "POST /key/{key}/regenerate": { summary: "Replaces the secret of a key.", body: regenerateBody },
  "POST /key/delete": { summary: "Deletes keys; their spending is kept.", body: deleteBody },
  "POST /key/block": { summary: "Blocks a key.", body: keyBody },
  "POST /key/unblock": { summary: "Unblocks a key.", body: keyBody },
  "GET /key/info": { summary: "Describes a key. A key may ask for itself.", query: ["key"] },
  "GET /key/list": {
    summary: "Lists the keys.",
    query:
      "page size user_id team_id key_alias key_hash sort_by sort_order return_full_object".split(
        " ",
      ),
  },
  "POST /budget/new": { summary: "Sets a budget, or a template for keys.", body: newBudgetBody },
  "POST /budget/update": { summary: "Changes a budget.", body: updateBudgetBody },
  "POST /budget/info": { summary: "Describes budgets and what is spent.", body: budgetInfoBody },
  "GET /budget/list": { summary: "Lists the budgets and what is spent." },
  "POST /budget/delete": { summary: "Deletes a budget.", body: budgetDeleteBody },
  "GET /spend/logs": {
    summary: "Lists calls and their cost. A key sees its own.",
    query: namesOf(logsQuery),
  },
  "GET /spend/report": { summary: "Sums the cost by group.", query: namesOf(reportQuery) },
  "GET /model/deprecations": { summary: "Lists models that end, with the keys that used them." },
  "GET /spend/unresolved": {
    summary: "Lists calls whose cost is not known.",
    query: namesOf(unresolvedQuery),
  },
  "POST /spend/resolve": { summary: "Sets whether such a call was charged.", body: resolveBody },
  "GET /global/spend/report": {
    summary: "Sums the cost by group.",
    query: namesOf(reportQuery),
  },
}

const schemaOf = (body: z.ZodType): JsonObject => {
  const options = { io: "input", unrepresentable: "any" } as const
  const { $schema: _draft, ...schema } = z.toJSONSchema(body, options)
  return schema
}

/** The OpenAPI operation of a route of administration, without its answers. */
export const adminOperation = (method: string, path: string): JsonObject => {
  const { summary, body, query = [] } = documented[`${method} ${path}`] ?? { summary: path }
  return {
    summary,
    ...(query.length > 0 && {
      parameters: query.map((name) => ({ name, in: "query", schema: { type: "string" } })),
    }),
    ...(body && {
      requestBody: { required: true, content: { "application/json": { schema: schemaOf(body) } } },
    }),
  }
}
