import { type Context, Hono } from "hono"
import { HTTPException } from "hono/http-exception"
import { z } from "zod"
import type { KeyInfo } from "../keys/key-info.ts"
import { type KeyParts, keyReader, keyWriter } from "../keys/key-service.ts"
import {
  deleteBody,
  generateBody,
  keyBody,
  refuse,
  regenerateBody,
  take,
  updateBody,
} from "../keys/request-schema.ts"
import { bodyOf, type Env, masterOnly, needsMasterKey } from "./access.ts"

const whole = (none: string, most: number) =>
  z
    .string()
    .default(none)
    .pipe(z.string().regex(/^[1-9]\d{0,8}$/, "is a whole number from 1"))
    .transform(Number)
    .refine((value) => value <= most, `is ${most} at most`)

const bool = z.enum(["true", "false"]).default("false")

const listQuery = z.strictObject({
  page: whole("1", 1_000_000),
  size: whole("10", 100),
  user_id: z.string().optional(),
  team_id: z.string().optional(),
  key_alias: z.string().optional(),
  return_full_object: bool,
})

const infoQuery = z.strictObject({ key: z.string().min(1).optional() })

type IsMaster = (text: string) => boolean

const checkOwn = (isMaster: IsMaster, path: string, own: string | null | undefined): void => {
  if (own && isMaster(own))
    refuse([
      {
        code: "invalid_request",
        path,
        message: `${path} is the master key: leave it out to have one drawn.`,
      },
    ])
}

/** `named`: in the path. */
const regenerated = async (
  context: Context<Env>,
  { regenerate }: ReturnType<typeof keyWriter>,
  { isMaster, doubts }: KeyRoutesOptions,
  named?: string,
) => {
  const { fields, warnings } = take(regenerateBody, await bodyOf(context))
  const { key, new_key: own, grace_period: grace, ...body } = fields
  checkOwn(isMaster, "new_key", own)
  if (named !== undefined && key != null && named !== key)
    refuse([
      {
        code: "invalid_request",
        path: "key",
        message: "key and the path name different keys: leave one of them out.",
      },
    ])
  const text =
    named ??
    key ??
    refuse([
      {
        code: "invalid_request",
        path: "key",
        message: "Say which: key is an id (key_…) or the key itself.",
      },
    ])
  const made = await regenerate(text, { body, own: own ?? undefined, grace: grace ?? undefined })
  return context.json({ ...made, token_id: made.token, warnings: [...warnings, ...doubts(made)] })
}

const listed = async (context: Context<Env>, reader: ReturnType<typeof keyReader>) => {
  const { fields } = take(listQuery, context.req.query())
  const { page, size } = fields
  const { keys, total } = await reader.list(
    { user: fields.user_id, team: fields.team_id, alias: fields.key_alias },
    page,
    size,
  )
  const shown =
    fields.return_full_object === "true"
      ? await Promise.all(keys.map(reader.infoOf))
      : keys.map(({ id }) => id)
  return context.json({
    keys: shown,
    total_count: total,
    current_page: page,
    total_pages: Math.ceil(total / size),
  })
}

export interface KeyRoutesOptions {
  /** Is it the master key, which no key may equal? */
  readonly isMaster: IsMaster
  /** What a key is warned of. */
  readonly doubts: (key: KeyInfo) => readonly string[]
}

export const keyRoutes = (parts: KeyParts, options: KeyRoutesOptions): Hono<Env> => {
  const { isMaster, doubts } = options
  const [writer, reader] = [keyWriter(parts), keyReader(parts)]
  const routes = new Hono<Env>()
  routes.use(needsMasterKey)

  routes.get("/info", async (context) => {
    const { fields } = take(infoQuery, context.req.query())
    const { keyId } = context.var.caller
    const asked = fields.key === undefined ? keyId : await reader.idOf(fields.key)
    if (keyId !== undefined && asked !== keyId)
      throw new HTTPException(403, { message: "A key sees only itself; the master key sees all." })
    if (fields.key === undefined && keyId === undefined)
      refuse([{ code: "invalid_request", path: "key", message: "Say which: /key/info?key=key_…." }])
    const info = await reader.info(asked ?? "")
    return context.json({ key: info.token, info })
  })

  routes.use(masterOnly)

  routes.post("/generate", async (context) => {
    const { fields, warnings } = take(generateBody, await bodyOf(context))
    const { key, ...body } = fields
    checkOwn(isMaster, "key", key)
    const made = await writer.generate(body, key ?? undefined)
    return context.json({ ...made, token_id: made.token, warnings: [...warnings, ...doubts(made)] })
  })

  routes.post("/update", async (context) => {
    const { fields, warnings } = take(updateBody, await bodyOf(context))
    const { key, ...body } = fields
    const info = await writer.update(key, body)
    return context.json({ key: info.token, ...info, warnings: [...warnings, ...doubts(info)] })
  })

  routes.post("/regenerate", (context) => regenerated(context, writer, options))
  routes.post("/:key/regenerate", (context) =>
    regenerated(context, writer, options, context.req.param("key")),
  )

  routes.post("/delete", async (context) => {
    const { fields } = take(deleteBody, await bodyOf(context))
    const [keys, aliases] = [fields.keys ?? [], fields.key_aliases ?? []]
    if (keys.length + aliases.length === 0)
      refuse([{ code: "invalid_request", path: "keys", message: "Name keys or key_aliases." }])
    return context.json({ deleted_keys: await writer.delete(keys, aliases) })
  })

  for (const [path, blocked] of [["/block", true] as const, ["/unblock", false] as const])
    routes.post(path, async (context) =>
      context.json(await writer.block(take(keyBody, await bodyOf(context)).fields.key, blocked)),
    )

  routes.get("/list", (context) => listed(context, reader))

  return routes
}
