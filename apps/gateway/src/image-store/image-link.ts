import { createHmac, timingSafeEqual } from "node:crypto"

export const digest = (secret: Uint8Array, ...words: readonly string[]): string =>
  createHmac("sha256", secret).update(words.join("\n")).digest("base64url")

/** The query of a link that holds until then, in milliseconds since 1970. */
export const signed = (secret: Uint8Array, name: string, expiresMs: number): string => {
  const expires = String(Math.ceil(expiresMs / 1000))
  return new URLSearchParams({
    expires,
    signature: digest(secret, "link", name, expires),
  }).toString()
}

/** How long a link holds yet, in milliseconds: below 0 it held once; undefined: it is none of ours. */
export const remainingMs = (
  secret: Uint8Array,
  name: string,
  expires: string,
  signature: string,
  nowMs: number,
): number | undefined => {
  const wanted = Buffer.from(digest(secret, "link", name, expires))
  const given = Buffer.from(signature)
  return wanted.length === given.length && timingSafeEqual(wanted, given)
    ? Number(expires) * 1000 - nowMs
    : undefined
}
