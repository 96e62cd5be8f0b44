import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hash,
  randomBytes,
  type ScryptOptions,
  scrypt,
  timingSafeEqual,
} from "node:crypto"
import { promisify } from "node:util"
import { ImageError } from "@pictor/core"
import type { Store } from "./tables.ts"

/** The cost of each guess at a short master key from a stolen database. */
const cost: ScryptOptions = { N: 2 ** 15, r: 8, p: 1, maxmem: 2 ** 26 }

const [saltBytes, nonceBytes, tagBytes, secretBytes] = [16, 12, 16, 32]

const deriveKey = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt)

const seal = async (secret: Buffer, masterKey: string): Promise<string> => {
  const [salt, nonce] = [randomBytes(saltBytes), randomBytes(nonceBytes)]
  const key = await deriveKey(masterKey, salt, secretBytes, cost)
  const cipher = createCipheriv("aes-256-gcm", key, nonce)
  const text = Buffer.concat([cipher.update(secret), cipher.final()])
  return Buffer.concat([salt, nonce, cipher.getAuthTag(), text]).toString("base64url")
}

/** Undefined if the secret is sealed with another master key. */
const unseal = async (sealed: string, masterKey: string): Promise<Buffer | undefined> => {
  const bytes = Buffer.from(sealed, "base64url")
  const tagAt = saltBytes + nonceBytes
  const textAt = tagAt + tagBytes
  const key = await deriveKey(masterKey, bytes.subarray(0, saltBytes), secretBytes, cost)
  const nonce = bytes.subarray(saltBytes, tagAt)
  try {
    const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: tagBytes })
    decipher.setAuthTag(bytes.subarray(tagAt, textAt))
    return Buffer.concat([decipher.update(bytes.subarray(textAt)), decipher.final()])
  } catch {
    return undefined
  }
}

const id = 1

const readOrCreate = async (store: Store, masterKey: string): Promise<string> => {
  const read = () =>
    store.read((db) =>
      db.selectFrom("gateway_secret").select("sealed").where("id", "=", id).executeTakeFirst(),
    )
  const found = await read()
  if (found) return found.sealed
  const sealed = await seal(randomBytes(secretBytes), masterKey)
  await store.write((db) =>
    db
      .insertInto("gateway_secret")
      .values({ id, sealed })
      .onConflict((conflict) => conflict.column("id").doNothing())
      .execute(),
  )
  // Another process may have inserted its secret first.
  return (await read())?.sealed ?? sealed
}

export interface MasterKeys {
  readonly masterKey: string
  /** The former master key, while it is being changed. */
  readonly previousMasterKey?: string
}

/** The secret that keys are hashed with: one per database, stored sealed with the master key. */
const openSecret = async (
  store: Store,
  { masterKey, previousMasterKey }: MasterKeys,
): Promise<Buffer> => {
  const sealed = await readOrCreate(store, masterKey)
  const secret = await unseal(sealed, masterKey)
  if (secret) return secret
  const earlier =
    previousMasterKey === undefined ? undefined : await unseal(sealed, previousMasterKey)
  if (!earlier)
    throw new ImageError({
      code: "invalid_request",
      message:
        "The keys in this database belong to another master_key. To change the master key, start once with the former one as previous_master_key. If it is lost, empty the tables gateway_secret and gateway_key and create new keys.",
    })
  const renewed = await seal(earlier, masterKey)
  await store.write((db) =>
    db.updateTable("gateway_secret").set({ sealed: renewed }).where("id", "=", id).execute(),
  )
  return earlier
}

export type KeyHash = (key: string) => string

/** HMAC-SHA-256 in lower-case hexadecimal. */
export const createKeyHash = (secret: Buffer): KeyHash => {
  // Node converts bytes to a key object for every HMAC, which takes longer than the HMAC.
  const keyObject = createSecretKey(secret)
  return (key) => createHmac("sha256", keyObject).update(key).digest("hex")
}

/** Without a master key there are no keys, and the hash protects nothing. */
export const openKeyHash = async (
  store: Store,
  masterKeys: MasterKeys | undefined,
): Promise<KeyHash> =>
  createKeyHash(masterKeys ? await openSecret(store, masterKeys) : Buffer.alloc(0))

/** Compares in constant time, whatever the length of the other text. */
export const createComparison = (expected: string): ((text: string) => boolean) => {
  const digest = hash("sha256", expected, "buffer")
  return (text) => timingSafeEqual(hash("sha256", text, "buffer"), digest)
}
