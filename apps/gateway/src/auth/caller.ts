import type { IncomingHttpHeaders } from "node:http"
import type { Caller } from "../types.ts"

const scheme = /^Bearer\s+/i

const keyHeaders = ["x-litellm-api-key", "authorization", "api-key", "x-api-key"]

/**
 * The key in one of the headers of LiteLLM, OpenAI, Azure and Anthropic. LiteLLM's own header comes
 * first, as in LiteLLM: a proxy in between may use `Authorization` for itself.
 */
const bearerOf = (headers: IncomingHttpHeaders): string | undefined => {
  for (const name of keyHeaders) {
    const value = headers[name]
    const key = typeof value === "string" ? value.replace(scheme, "").trim() : ""
    if (key !== "") return key
  }
  return undefined
}

/** The sender of a request. Throws an `ImageError` of code `unauthenticated`. */
export const identifyCaller = (
  authenticate: (bearer: string | undefined) => Promise<Caller>,
  headers: IncomingHttpHeaders,
): Promise<Caller> => authenticate(bearerOf(headers))

/** The caller whose share of memory a request takes. */
export const ownerOf = ({ kind, keyId }: Caller): string => keyId ?? kind
