import { randomBytes } from "node:crypto"
import type { DurableLedger } from "@pictor/ledger"
import { HTTPException } from "hono/http-exception"
import type { Kysely } from "kysely"
import { endMs, readDuration } from "./duration.ts"
import { keepBudgets, modelSpendOf, setBudgets } from "./key-budgets.ts"
import { type KeyInfo, keyInfo, ownState } from "./key-info.ts"
import type { Hash } from "./key-secret.ts"
import { keepToBudget, limitsFor } from "./keys-of-budget.ts"
import { checkModelBudgets, type GroupOf } from "./model-budgets.ts"
import {
  changeKey,
  findBearer,
  findKey,
  forgetFormer,
  formerEnds,
  insertKey,
  type Key,
  type Name,
  renewSecret,
  toKey,
} from "./repository.ts"
import type { KeyBody } from "./request-schema.ts"
import { type BudgetLimits, changeSettings, noSettings } from "./settings.ts"
import type { Store, Tables } from "./tables.ts"

export interface KeyParts {
  readonly store: Store
  readonly ledger: DurableLedger
  readonly hash: Hash
  readonly now: () => number
  /** What a name of a model stands for. */
  readonly groupOf: GroupOf
  /** What was known of keys may be wrong from now on. */
  readonly forget: () => void
}

export interface KeyFilter {
  readonly user: string | undefined
  readonly team: string | undefined
  readonly alias: string | undefined
}

const missing = (what: string): HTTPException =>
  new HTTPException(404, { message: `There is no such ${what}: GET /key/list names all keys.` })

const expiryOf = (body: KeyBody, earlier: number | null, nowMs: number): number | null => {
  if (body.duration === undefined) return earlier
  const duration = body.duration === null ? undefined : readDuration(body.duration)
  return duration ? endMs(duration, nowMs) : null
}

const or = <Value>(given: Value | null | undefined, earlier: Value | null): Value | null =>
  given === undefined ? earlier : given

interface Change extends Pick<KeyParts, "groupOf"> {
  readonly body: KeyBody
  readonly nowMs: number
  /** The limits of the budget that it names. */
  readonly shared: BudgetLimits | undefined
}

/** A key after a change. */
const changed = (key: Key, { body, nowMs, shared, groupOf }: Change): Key => {
  const settings = changeSettings(body, key.settings, shared)
  checkModelBudgets(body, settings, groupOf)
  return {
    ...key,
    alias: or(body.key_alias, key.alias),
    user: or(body.user_id, key.user),
    team: or(body.team_id, key.team),
    blocked: or(body.blocked, key.blocked) ?? false,
    expiresMs: expiryOf(body, key.expiresMs, nowMs),
    updatedMs: nowMs,
    settings,
  }
}

/** With what it was before, and what was counted for its limits. */
const deleteKey = async (db: Kysely<Tables>, id: string): Promise<void> => {
  await db.deleteFrom("gateway_key").where("id", "=", id).execute()
  await forgetFormer(db, id)
  await db.deleteFrom("gateway_window").where("name", "like", `key:${id}:%`).execute()
}

/** What names a key: its id (`token`), or the key itself. */
const nameWith =
  (hash: Hash) =>
  (text: string): Name =>
    text.startsWith("sk-") ? { column: "hash", value: hash(text) } : { column: "id", value: text }

const infoWith =
  ({ store, ledger, now }: KeyParts) =>
  async (key: Key): Promise<KeyInfo> =>
    keyInfo(key, {
      states: await ledger.budgets({ key: key.id }),
      modelSpend: await modelSpendOf(ledger, key),
      formerEndsMs: await store.read((db) => formerEnds(db, key.id, now())),
    })

/** The ids of all of them, or which there is none of. */
const idsOf = async (db: Kysely<Tables>, names: readonly Name[], aliases: readonly string[]) => {
  const ids = new Set<string>()
  for (const [at, name] of names.entries()) {
    const key = await findKey(db, name)
    if (!key)
      return { missing: `key as the one at place ${at + 1} of keys, and nothing was deleted` }
    ids.add(key.id)
  }
  for (const alias of aliases) {
    const row = await db
      .selectFrom("gateway_key")
      .select("id")
      .where("alias", "=", alias)
      .executeTakeFirst()
    if (!row) return { missing: `key with the alias ${alias}, and nothing was deleted` }
    ids.add(row.id)
  }
  return { ids: [...ids] }
}

/** The limits of the budget that a body names. */
const sharedBy = async (
  store: Store,
  { budget_id: id }: KeyBody,
): Promise<BudgetLimits | undefined> => (id == null ? undefined : limitsFor(store, id))

const nameFor = (secret: string): string => `sk-...${secret.slice(-4)}`

const newSecret = (): string => `sk-${randomBytes(32).toString("base64url")}`

const newKey = (secret: string, change: Change): Key => {
  const { nowMs } = change
  const empty = {
    alias: null,
    user: null,
    team: null,
    blocked: false,
    expiresMs: null,
    createdMs: nowMs,
    updatedMs: nowMs,
    settings: noSettings,
  }
  return changed(
    { ...empty, id: `key_${randomBytes(12).toString("hex")}`, name: nameFor(secret) },
    change,
  )
}

export interface Regeneration {
  readonly body: KeyBody
  /** The key that the caller chose. */
  readonly own: string | undefined
  /** How long the one before counts too. */
  readonly grace: string | undefined
}

/** The same key, with what it spent, under another secret. */
const regenerateWith =
  (parts: KeyParts) =>
  async (text: string, { body, own, grace }: Regeneration) => {
    const { store, ledger, hash, now, forget, groupOf } = parts
    const found = await store.read((db) => findKey(db, nameWith(hash)(text)))
    if (!found) throw missing("key")
    const [secret, nowMs, shared] = [own ?? newSecret(), now(), await sharedBy(store, body)]
    const duration = grace === undefined ? undefined : readDuration(grace)
    const renewal = {
      id: found.id,
      hash: hash(secret),
      formerEndsMs: duration && endMs(duration, nowMs),
      nowMs,
    }
    const renew = async (db: Kysely<Tables>): Promise<Key | undefined> => {
      // By its id: the second time it has no longer the secret that it was named by.
      const key = await changeKey(db, { column: "id", value: found.id }, (each) => ({
        ...changed(each, { body, nowMs, shared, groupOf }),
        name: nameFor(secret),
      }))
      if (key) await renewSecret(db, renewal)
      return key
    }
    const key = await store.write(renew).finally(forget)
    if (!key) throw missing("key")
    await keepBudgets(store, ledger, key)
    await keepToBudget(parts, key)
    return { key: secret, ...(await infoWith(parts)(key)) }
  }

/** What changes keys. */
export const keyWriter = (parts: KeyParts) => {
  const { store, ledger, hash, now, forget, groupOf } = parts
  const [nameOf, infoOf] = [nameWith(hash), infoWith(parts)]
  const write = <Out>(work: (db: Kysely<Tables>) => Promise<Out>): Promise<Out> =>
    store.write(work).finally(forget)
  const change = async (text: string, make: (key: Key) => Key): Promise<Key> => {
    const key = await write((db) => changeKey(db, nameOf(text), make))
    if (!key) throw missing("key")
    return key
  }
  return {
    /** `own`: the key that the caller chose. */
    generate: async (
      body: KeyBody,
      own: string | undefined,
    ): Promise<KeyInfo & { readonly key: string }> => {
      const secret = own ?? newSecret()
      const key = newKey(secret, {
        body,
        nowMs: now(),
        shared: await sharedBy(store, body),
        groupOf,
      })
      // Before the key: it must never be without them.
      await setBudgets(ledger, key)
      await write((db) => insertKey(db, key, hash(secret)))
      await keepToBudget(parts, key)
      return { key: secret, ...(await infoOf(key)) }
    },
    update: async (text: string, body: KeyBody): Promise<KeyInfo> => {
      const shared = await sharedBy(store, body)
      const key = await change(text, (each) =>
        changed(each, { body, nowMs: now(), shared, groupOf }),
      )
      await keepBudgets(store, ledger, key)
      await keepToBudget(parts, key)
      return infoOf(key)
    },
    regenerate: regenerateWith(parts),
    block: async (text: string, blocked: boolean): Promise<KeyInfo> =>
      infoOf(await change(text, (key) => ({ ...key, blocked, updatedMs: now() }))),
    /** All of them or none. */
    delete: async (
      texts: readonly string[],
      aliases: readonly string[],
    ): Promise<readonly string[]> => {
      const found = await write(async (db) => {
        const named = await idsOf(db, texts.map(nameOf), aliases)
        for (const id of named.ids ?? []) await deleteKey(db, id)
        return named
      })
      if (!found.ids) throw missing(found.missing)
      return found.ids
    },
  }
}

/** What looks at keys. */
export const keyReader = (parts: KeyParts) => {
  const { store, ledger, hash } = parts
  const [nameOf, infoOf] = [nameWith(hash), infoWith(parts)]
  const find = (text: string): Promise<Key | undefined> =>
    store.read((db) => findKey(db, nameOf(text)))
  return {
    /** The id of a key that there is, and of one that was deleted if it is named by it. */
    idOf: async (text: string): Promise<string | undefined> =>
      text.startsWith("sk-") ? (await store.read((db) => findBearer(db, hash(text))))?.id : text,
    info: async (text: string): Promise<KeyInfo> => {
      const key = await find(text)
      if (!key) throw missing("key")
      return infoOf(key)
    },
    /** `page` from 1. */
    list: async (
      { user, team, alias }: KeyFilter,
      page: number,
      size: number,
    ): Promise<{ readonly keys: readonly Key[]; readonly total: number }> =>
      store.read(async (db) => {
        const chosen = db
          .selectFrom("gateway_key")
          .$if(user !== undefined, (query) => query.where("account_user", "=", user ?? ""))
          .$if(team !== undefined, (query) => query.where("account_team", "=", team ?? ""))
          .$if(alias !== undefined, (query) => query.where("alias", "=", alias ?? ""))
        const { total } = await chosen
          .select((eb) => eb.cast<number>(eb.fn.countAll(), "bigint").as("total"))
          .executeTakeFirstOrThrow()
        const ordered = chosen.selectAll().orderBy("created_ms").orderBy("id")
        const rows = await ordered
          .limit(size)
          .offset((page - 1) * size)
          .execute()
        return { keys: rows.map(toKey), total }
      }),
    infoOf,
    /** In micro-USD, in the window of its budget. */
    spentBy: async (id: string): Promise<number> => {
      const key = await find(id)
      return (key && ownState(key, await ledger.budgets({ key: id }))?.cost.microUsd) ?? 0
    },
  }
}
