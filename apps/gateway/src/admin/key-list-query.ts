import { z } from "zod"
import type { KeyFilter, KeyOrder } from "../keys/repository.ts"
import { parseFields } from "../keys/request-schema.ts"

const wholeNumber = (fallback: string, most: number) =>
  z
    .string()
    .default(fallback)
    .pipe(z.string().regex(/^[1-9]\d{0,8}$/, "expected a whole number from 1"))
    .transform(Number)
    .refine((value) => value <= most, `expected at most ${most}`)

const columns = {
  created_at: "created_ms",
  updated_at: "updated_ms",
  expires: "expires_ms",
  key_alias: "alias",
  user_id: "account_user",
  team_id: "account_team",
} as const

const listQuery = z.strictObject({
  page: wholeNumber("1", 1_000_000),
  size: wholeNumber("10", 100),
  user_id: z.string().optional(),
  team_id: z.string().optional(),
  key_alias: z.string().optional(),
  key_hash: z.string().optional(),
  status: z.literal("deleted").optional(),
  sort_by: z.enum(Object.keys(columns) as [keyof typeof columns]).default("created_at"),
  sort_order: z.enum(["asc", "desc"]).optional(),
  return_full_object: z.enum(["true", "false"]).default("false"),
})

/** No effect: the list has the keys of every creator and team. */
const alwaysIncluded: ReadonlySet<string> = new Set([
  "include_team_keys",
  "include_created_by_keys",
])

/** LiteLLM's further parameters, which have an effect only with a value. */
const further: ReadonlySet<string> = new Set([
  "access_group_id",
  "agent_id",
  "expand",
  "organization_id",
  "project_id",
])

const isIgnored = ([name, value]: readonly [string, string]): boolean =>
  alwaysIncluded.has(name) ||
  value === "" ||
  (further.has(name) && (value === "false" || name === "expand"))

export interface KeyListQuery {
  readonly filter: KeyFilter
  readonly order: KeyOrder
  readonly page: number
  readonly size: number
  readonly isFull: boolean
  /** Deleted keys are not kept. */
  readonly deletedOnly: boolean
}

/** Reads the query of `GET /key/list`. Empty parameters mean nothing. Throws `invalid_request`. */
export const readKeyListQuery = (query: Readonly<Record<string, string>>): KeyListQuery => {
  const given = Object.entries(query).filter((entry) => !isIgnored(entry))
  const { fields } = parseFields(listQuery, Object.fromEntries(given))
  return {
    filter: {
      user: fields.user_id,
      team: fields.team_id,
      alias: fields.key_alias,
      id: fields.key_hash,
    },
    order: {
      by: columns[fields.sort_by],
      // LiteLLM sorts downwards where a client asks for a column.
      direction: fields.sort_order ?? (query["sort_by"] ? "desc" : "asc"),
    },
    page: fields.page,
    size: fields.size,
    isFull: fields.return_full_object === "true",
    deletedOnly: fields.status === "deleted",
  }
}
