import type { IncomingMessage, ServerResponse } from "node:http"

const tokens = /^[\w!#$%&'*+.^`|~, -]{1,1000}$/

const methods = "GET, HEAD, POST"

const maxAgeSeconds = 600

/**
 * Lets pages of the allowed origins read every answer. A preflight of such a page is answered here:
 * a browser sends it without a key. True if the request is one. No cookie is ever accepted.
 */
export const allowOrigin = (
  allowed: readonly string[],
  { method, headers }: IncomingMessage,
  outgoing: ServerResponse,
): boolean => {
  if (allowed.length === 0) return false
  const any = allowed.includes("*")
  if (!any) outgoing.setHeader("vary", "origin")
  const { origin } = headers
  if (origin === undefined || !(any || allowed.includes(origin))) return false
  outgoing.setHeader("access-control-allow-origin", any ? "*" : origin)
  outgoing.setHeader("access-control-expose-headers", "*")
  if (method !== "OPTIONS" || headers["access-control-request-method"] === undefined) return false
  outgoing.setHeader("access-control-allow-methods", methods)
  outgoing.setHeader("access-control-max-age", maxAgeSeconds)
  // "*" would not include Authorization.
  const asked = String(headers["access-control-request-headers"] ?? "")
  if (tokens.test(asked)) outgoing.setHeader("access-control-allow-headers", asked)
  return true
}
