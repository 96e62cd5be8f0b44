import type { KeyObject } from "node:crypto"

type Secret = string | ArrayBuffer | ArrayBufferView

interface Sha256 {
  update(data: Uint8Array): void
  digest(): Promise<Uint8Array>
  reset(): void
}

/** More than one set of credentials has in use at a time. */
const mostKeys = 10

/**
 * SHA-256 as the SDK's signer takes it. The signer asks for one with the same two secrets at every request, and making a key of a secret costs more than
 * hashing with it: keys are kept, for as long as the signer keeps what they were made of.
 */
export const createSha256 = ({
  createHash,
  createHmac,
  createSecretKey,
}: typeof import("node:crypto")): (new (
  secret?: Secret,
) => Sha256) => {
  const derived = new WeakMap<object, KeyObject>()
  const given = new Map<string, KeyObject>()
  const keyOf = (secret: Secret): KeyObject => {
    const known = typeof secret === "string" ? given.get(secret) : derived.get(secret)
    if (known) return known
    const key =
      typeof secret === "string"
        ? createSecretKey(secret, "utf8")
        : createSecretKey(bytesOf(secret))
    if (given.size >= mostKeys) given.clear()
    if (typeof secret === "string") given.set(secret, key)
    else derived.set(secret, key)
    return key
  }
  const start = (secret: Secret | undefined) =>
    secret ? createHmac("sha256", keyOf(secret)) : createHash("sha256")
  // The SDK calls it with `new`.
  return class {
    readonly #secret
    #hash
    constructor(secret?: Secret) {
      this.#secret = secret
      this.#hash = start(secret)
    }
    update(data: Uint8Array): void {
      this.#hash.update(data)
    }
    async digest(): Promise<Uint8Array> {
      return this.#hash.digest()
    }
    reset(): void {
      this.#hash = start(this.#secret)
    }
  }
}

const bytesOf = (secret: ArrayBuffer | ArrayBufferView): Uint8Array =>
  ArrayBuffer.isView(secret)
    ? new Uint8Array(secret.buffer, secret.byteOffset, secret.byteLength)
    : new Uint8Array(secret)
