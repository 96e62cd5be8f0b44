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
import { ImageError } from "@pictor/core"
import type { Store } from "./tables.ts"

/** A master key may be short: guessing it from a stolen database costs this much at each try. */
const cost: ScryptOptions = { N: 2 ** 15, r: 8, p: 1, maxmem: 2 ** 26 }

const [saltBytes, nonceBytes, tagBytes, secretBytes] = [16, 12, 16, 32]

const deriveKey = (masterKey: string, salt: Buffer): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    scrypt(masterKey, salt, secretBytes, cost, (error, key) =>
      error ? reject(error) : resolve(key),
    )
  })

const seal = async (secret: Buffer, masterKey: string): Promise<string> => {
  const [salt, nonce] = [randomBytes(saltBytes), randomBytes(nonceBytes)]
  const cipher = createCipheriv("aes-256-gcm", await deriveKey(masterKey, salt), nonce)
  const text = Buffer.concat([cipher.update(secret), cipher.final()])
  return Buffer.concat([salt, nonce, cipher.getAuthTag(), text]).toString("base64url")
}

/** Undefined where it was sealed under another master key. */
const unseal = async (sealed: string, masterKey: string): Promise<Buffer | undefined> => {
  const bytes = Buffer.from(sealed, "base64url")
  const [nonceAt, tagAt, textAt] = [
    saltBytes,
    saltBytes + nonceBytes,
    saltBytes + nonceBytes + tagBytes,
  ]
  const key = await deriveKey(masterKey, bytes.subarray(0, nonceAt))
  try {
    const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(nonceAt, tagAt), {
      authTagLength: tagBytes,
    })
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
  const there = await read()
  if (there) return there.sealed
  const sealed = await seal(randomBytes(secretBytes), masterKey)
  await store.write((db) =>
    db
      .insertInto("gateway_secret")
      .values({ id, sealed })
      .onConflict((conflict) => conflict.column("id").doNothing())
      .execute(),
  )
  // Another process may have been first.
  return (await read())?.sealed ?? sealed
}

const lost = (): ImageError =>
  new ImageError({
    code: "invalid_request",
    message:
      "The keys in this database were made under another master_key. To change it, start once with the old one as previous_master_key; if the old one is lost, so are the keys: empty the tables gateway_secret and gateway_key and make new ones.",
  })

export interface MasterKeys {
  readonly masterKey: string
  /** The one before, while it is being changed. */
  readonly previousMasterKey?: string
}

/** The secret that keys are hashed with: drawn once for a database, and sealed in it under the master key. */
export const openSecret = async (
  store: Store,
  { masterKey, previousMasterKey }: MasterKeys,
): Promise<Buffer> => {
  const sealed = await readOrCreate(store, masterKey)
  const secret = await unseal(sealed, masterKey)
  if (secret) return secret
  const earlier =
    previousMasterKey === undefined ? undefined : await unseal(sealed, previousMasterKey)
  if (!earlier) throw lost()
  const renewed = await seal(earlier, masterKey)
  await store.write((db) =>
    db.updateTable("gateway_secret").set({ sealed: renewed }).where("id", "=", id).execute(),
  )
  return earlier
}

export type Hash = (key: string) => string

/** HMAC-SHA-256, lower-case hexadecimal. */
export const hashWith = (secret: Buffer): Hash => {
  // Bytes would be made a key anew for every hash, which takes longer than the hash.
  const held = createSecretKey(secret)
  return (key) => createHmac("sha256", held).update(key).digest("hex")
}

/** Is what is given the same? It takes as long whatever that is. */
export const sameAs = (expected: string): ((given: string) => boolean) => {
  const digest = hash("sha256", expected, "buffer")
  return (given) => timingSafeEqual(hash("sha256", given, "buffer"), digest)
}
