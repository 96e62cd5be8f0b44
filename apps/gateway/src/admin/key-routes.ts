import { type Context, Hono } from "hono"
import { z } from "zod"
import {
  blockKey,
  deleteKeys,
  generateKey,
  type KeyWithSecret,
  keyIdOf,
  type OperationDependencies,
  readKey,
  regenerateKey,
  updateKey,
} from "../keys/operations.ts"
import { type Key, listKeys } from "../keys/repository.ts"
import {
  deleteBody,
  generateBody,
  guessableWarning,
  keyBody,
  parseFields,
  regenerateBody,
  rejectField,
  updateBody,
} from "../keys/request-schema.ts"
import {
  type AdminEnv,
  notFound,
  ownKeyOnly,
  readJson,
  requireMaster,
  requireMasterKeySetting,
} from "./access.ts"
import { readKeyListQuery } from "./key-list-query.ts"
import { type KnownModels, keyInfo, providerSpend, unknownModelWarnings } from "./responses.ts"

const infoQuery = z.strictObject({ key: z.string().min(1).optional() })

export interface KeyRoutesOptions extends OperationDependencies {
  /** No key may have the master key as its secret. */
  readonly isMaster: (text: string) => boolean
  readonly models: KnownModels | undefined
}

const existing = <Value>(key: Value | undefined): Value => {
  if (key === undefined) throw notFound("The key does not exist. List keys with GET /key/list.")
  return key
}

const checkSecret = (
  { isMaster }: KeyRoutesOptions,
  path: string,
  secret: string | null | undefined,
): string | undefined => {
  if (secret && isMaster(secret))
    rejectField(path, `${path} is the master key. Omit it to get a generated key.`)
  return secret ?? undefined
}

const changed = async (options: KeyRoutesOptions, key: Key, warnings: readonly string[]) => ({
  ...(await keyInfo(options, key)),
  warnings: [...warnings, ...unknownModelWarnings(key, options.models)],
})

const withSecret = async (
  options: KeyRoutesOptions,
  { key, secret }: KeyWithSecret,
  warnings: readonly string[],
) => ({ key: secret, token_id: key.id, ...(await changed(options, key, warnings)) })

const regenerate = async (
  context: Context<AdminEnv>,
  options: KeyRoutesOptions,
  inPath?: string,
) => {
  const { fields, warnings } = parseFields(regenerateBody, await readJson(context))
  const { key, new_key: newKey, grace_period: grace, ...body } = fields
  const customSecret = checkSecret(options, "new_key", newKey)
  if (inPath !== undefined && key != null && inPath !== key)
    rejectField("key", "key differs from the key in the path. Send only one of them.")
  const name =
    inPath ?? key ?? rejectField("key", "key is missing. Send the key's id (key_…) or its secret.")
  const gracePeriod = grace ?? undefined
  const made = await regenerateKey(options, name, { body, customSecret, gracePeriod })
  const allWarnings = [...warnings, ...guessableWarning("new_key", customSecret)]
  return context.json(await withSecret(options, existing(made), allWarnings))
}

const info = async (context: Context<AdminEnv>, options: KeyRoutesOptions) => {
  const { fields } = parseFields(infoQuery, context.req.query())
  const { caller } = context.var
  const id = fields.key === undefined ? caller.keyId : await keyIdOf(options, fields.key)
  ownKeyOnly(caller, id)
  if (fields.key === undefined && caller.keyId === undefined)
    rejectField("key", "key is missing. Send it in the query: /key/info?key=key_….")
  const key = existing(id === undefined ? undefined : await readKey(options, id))
  const spent = { provider_spend: await providerSpend(options, key) }
  return context.json({ key: key.id, info: { ...(await keyInfo(options, key)), ...spent } })
}

const list = async (context: Context<AdminEnv>, options: KeyRoutesOptions) => {
  const { filter, order, isFull, deletedOnly, ...at } = readKeyListQuery(context.req.query())
  const { keys, total } = deletedOnly
    ? { keys: [], total: 0 }
    : await options.store.read((db) => listKeys(db, filter, { ...at, order }))
  return context.json({
    keys: isFull
      ? await Promise.all(keys.map((key) => keyInfo(options, key)))
      : keys.map(({ id }) => id),
    total_count: total,
    current_page: at.page,
    total_pages: Math.ceil(total / at.size),
  })
}

const remove = async (context: Context<AdminEnv>, options: KeyRoutesOptions) => {
  const { fields } = parseFields(deleteBody, await readJson(context))
  const [keys, aliases] = [fields.keys ?? [], fields.key_aliases ?? []]
  if (keys.length + aliases.length === 0) rejectField("keys", "Send keys or key_aliases.")
  const deleted = await deleteKeys(options, keys, aliases)
  if ("missing" in deleted)
    throw notFound(
      `${deleted.missing} does not exist, and no key was deleted. List keys with GET /key/list.`,
    )
  return context.json({ deleted_keys: deleted.ids })
}

export const keyRoutes = (options: KeyRoutesOptions): Hono<AdminEnv> => {
  const routes = new Hono<AdminEnv>()
  routes.use(requireMasterKeySetting)
  routes.get("/info", (context) => info(context, options))
  routes.use(requireMaster)
  routes.post("/generate", async (context) => {
    const { fields, warnings } = parseFields(generateBody, await readJson(context))
    const { key, ...body } = fields
    const customSecret = checkSecret(options, "key", key)
    const made = await generateKey(options, body, customSecret)
    const allWarnings = [...warnings, ...guessableWarning("key", customSecret)]
    return context.json(await withSecret(options, made, allWarnings))
  })
  routes.post("/update", async (context) => {
    const { fields, warnings } = parseFields(updateBody, await readJson(context))
    const { key: name, ...body } = fields
    const key = existing(await updateKey(options, name, body))
    return context.json({ key: key.id, ...(await changed(options, key, warnings)) })
  })
  routes.post("/regenerate", (context) => regenerate(context, options))
  routes.post("/:key/regenerate", (context) =>
    regenerate(context, options, context.req.param("key")),
  )
  routes.post("/delete", (context) => remove(context, options))
  for (const [path, blocked] of [["/block", true] as const, ["/unblock", false] as const])
    routes.post(path, async (context) => {
      const { fields } = parseFields(keyBody, await readJson(context))
      const key = existing(await blockKey(options, fields.key, blocked))
      return context.json(await keyInfo(options, key))
    })
  routes.get("/list", (context) => list(context, options))
  return routes
}
