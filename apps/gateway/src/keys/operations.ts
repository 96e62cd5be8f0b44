import { randomBytes } from "node:crypto"
import type { GroupOf } from "../auth/model-access.ts"
import {
  type KeyDependencies,
  syncKey,
  syncTemplate,
  templateLimits,
  writeBudgets,
  writeKey,
} from "./key-budgets.ts"
import { checkBounds, completeKey, type KeyRules } from "./key-rules.ts"
import type { KeyHash } from "./key-secret.ts"
import {
  changeKey,
  deleteKey,
  findKey,
  findKeyBySecret,
  insertKey,
  type Key,
  type KeyReference,
  renewSecret,
} from "./repository.ts"
import type { KeyBody } from "./request-schema.ts"
import { type BudgetLimits, emptySettings, updateSettings } from "./settings.ts"
import { endMs, parseDuration } from "./units.ts"

export interface OperationDependencies extends KeyDependencies {
  readonly hash: KeyHash
  readonly groupOf: GroupOf
  readonly rules?: KeyRules
}

/** A client names a key by its id (`token`) or by its secret. */
const referenceOf = ({ hash }: OperationDependencies, text: string): KeyReference =>
  text.startsWith("sk-") ? { column: "hash", value: hash(text) } : { column: "id", value: text }

interface Change {
  readonly body: KeyBody
  readonly nowMs: number
  readonly template: BudgetLimits | undefined
  readonly groupOf: GroupOf
}

const prepareChange = async (
  { store, now, groupOf, rules = {} }: OperationDependencies,
  body: KeyBody,
): Promise<Change> => {
  const { budget_id: id } = body
  const template = id == null ? undefined : await templateLimits(store, id)
  checkBounds(body, rules, template)
  return { body, nowMs: now(), template, groupOf }
}

const expiryOf = (
  duration: string | null | undefined,
  earlier: number | null,
  nowMs: number,
): number | null => {
  if (duration === undefined) return earlier
  const parsed = duration === null ? undefined : parseDuration(duration)
  return parsed ? endMs(parsed, nowMs) : null
}

const applyChange = (key: Key, { body, nowMs, template, groupOf }: Change): Key => ({
  ...key,
  alias: body.key_alias === undefined ? key.alias : body.key_alias,
  user: body.user_id === undefined ? key.user : body.user_id,
  team: body.team_id === undefined ? key.team : body.team_id,
  blocked: body.blocked === undefined ? key.blocked : (body.blocked ?? false),
  expiresMs: expiryOf(body.duration, key.expiresMs, nowMs),
  updatedMs: nowMs,
  settings: updateSettings(body, key.settings, { template, groupOf }),
})

const generateSecret = (): string => `sk-${randomBytes(32).toString("base64url")}`

const nameOf = (secret: string): string => `sk-...${secret.slice(-4)}`

export interface KeyWithSecret {
  readonly key: Key
  readonly secret: string
}

export const generateKey = async (
  dependencies: OperationDependencies,
  body: KeyBody,
  customSecret: string | undefined,
): Promise<KeyWithSecret> => {
  const { store, ledger, hash, forget, rules = {} } = dependencies
  const secret = customSecret ?? generateSecret()
  const change = await prepareChange(dependencies, completeKey(body, rules))
  const empty: Key = {
    id: `key_${randomBytes(12).toString("hex")}`,
    name: nameOf(secret),
    alias: null,
    user: null,
    team: null,
    blocked: false,
    expiresMs: null,
    createdMs: change.nowMs,
    updatedMs: change.nowMs,
    settings: emptySettings,
  }
  const key = applyChange(empty, change)
  // The budgets come first, so that the key never exists without them.
  await writeBudgets(ledger, key)
  await store.write((db) => insertKey(db, key, hash(secret))).finally(forget)
  await syncTemplate(dependencies, key)
  return { key, secret }
}

/** Undefined if the key does not exist. */
export const updateKey = async (
  dependencies: OperationDependencies,
  name: string,
  body: KeyBody,
): Promise<Key | undefined> => {
  const change = await prepareChange(dependencies, body)
  const reference = referenceOf(dependencies, name)
  const key = await writeKey(dependencies, reference, (each) => applyChange(each, change))
  if (key) await syncKey(dependencies, key)
  return key
}

export interface Regeneration {
  readonly body: KeyBody
  readonly customSecret: string | undefined
  readonly gracePeriod: string | undefined
}

/** Replaces the secret and keeps the key with its spending. Undefined if it does not exist. */
export const regenerateKey = async (
  dependencies: OperationDependencies,
  name: string,
  { body, customSecret, gracePeriod }: Regeneration,
): Promise<KeyWithSecret | undefined> => {
  const { store, hash, forget } = dependencies
  const found = await store.read((db) => findKey(db, referenceOf(dependencies, name)))
  if (!found) return undefined
  const secret = customSecret ?? generateSecret()
  const change = await prepareChange(dependencies, body)
  const { nowMs } = change
  const grace = gracePeriod === undefined ? undefined : parseDuration(gracePeriod)
  const formerEndsMs = grace && endMs(grace, nowMs)
  const write = store.write(async (db) => {
    // By id: a repeated transaction no longer finds the key by its former secret.
    const key = await changeKey(db, { column: "id", value: found.id }, (each) => ({
      ...applyChange(each, change),
      name: nameOf(secret),
    }))
    if (key) await renewSecret(db, { id: found.id, hash: hash(secret), formerEndsMs, nowMs })
    return key
  })
  const key = await write.finally(forget)
  if (!key) return undefined
  await syncKey(dependencies, key)
  return { key, secret }
}

/** Undefined if the key does not exist. */
export const blockKey = (
  dependencies: OperationDependencies,
  name: string,
  blocked: boolean,
): Promise<Key | undefined> =>
  writeKey(dependencies, referenceOf(dependencies, name), (key) => ({
    ...key,
    blocked,
    updatedMs: dependencies.now(),
  }))

/** Deletes all of the keys, or none and returns the first that does not exist. */
export const deleteKeys = (
  dependencies: OperationDependencies,
  names: readonly string[],
  aliases: readonly string[],
): Promise<{ readonly ids: readonly string[] } | { readonly missing: string }> => {
  const { store, forget } = dependencies
  const write = store.write(async (db) => {
    const ids = new Set<string>()
    for (const [index, name] of names.entries()) {
      const key = await findKey(db, referenceOf(dependencies, name))
      // Never the name: it may be a secret.
      if (!key) return { missing: `keys[${index}]` }
      ids.add(key.id)
    }
    for (const alias of aliases) {
      const key = await findKey(db, { column: "alias", value: alias })
      if (!key) return { missing: `key_alias ${alias}` }
      ids.add(key.id)
    }
    for (const id of ids) await deleteKey(db, id)
    return { ids: [...ids] }
  })
  return write.finally(forget)
}

export const readKey = (
  dependencies: OperationDependencies,
  name: string,
): Promise<Key | undefined> =>
  dependencies.store.read((db) => findKey(db, referenceOf(dependencies, name)))

/** The id for an id, which may belong to a deleted key, or for a current or former secret. */
export const keyIdOf = async (
  { store, hash }: OperationDependencies,
  name: string,
): Promise<string | undefined> =>
  name.startsWith("sk-") ? (await store.read((db) => findKeyBySecret(db, hash(name))))?.id : name
