import type { IncomingHttpHeaders } from "node:http"
import type { Caller } from "../types.ts"
import { ApiError } from "./errors.ts"
import type { ServerSettings } from "./settings.ts"

/**
 * LiteLLM's request headers: https://docs.litellm.ai/docs/proxy/request_headers, seen 2026-11-21.
 */
const prefix = "x-litellm-"

/** Message redaction needs no action: no message is ever logged. */
const supported: ReadonlySet<string> = new Set(
  [
    "api-key",
    "call-id",
    "customer-id",
    "enable-message-redaction",
    "end-user-id",
    "num-retries",
    "tags",
    "timeout",
  ].map((name) => prefix + name),
)

export interface HeaderOptions {
  readonly timeoutMs: number
  readonly requestedRetries?: number
  readonly account: Caller["account"]
  readonly tags: Caller["tags"]
  /** Public origin of the gateway: `https://images.example.com`. */
  readonly origin: string
}

/** Throws an `ApiError`. */
export const readHeaders = (
  headers: IncomingHttpHeaders,
  caller: Caller,
  settings: Pick<ServerSettings, "requestMs" | "trustProxy" | "endUserHeaders">,
): HeaderOptions => {
  const { requestMs, trustProxy, endUserHeaders } = settings
  const requestedRetries = readRetries(headers)
  return {
    timeoutMs: readTimeoutMs(headers, requestMs),
    ...(requestedRetries !== undefined && { requestedRetries }),
    account: accountOf(caller, headers, endUserHeaders),
    tags: tagsOf(caller, headers),
    origin: originOf(headers, trustProxy),
  }
}

/** The time limit of a request: the requested one, at most the gateway's. Throws an `ApiError`. */
const readTimeoutMs = (headers: IncomingHttpHeaders, maxMs: number): number => {
  const name = "x-litellm-timeout"
  const value = headers[name]
  if (value === undefined) return maxMs
  const seconds = /^\d+(\.\d+)?$/.test(String(value).trim()) ? Number(value) : 0
  if (seconds > 0) return Math.min(maxMs, Math.max(1, Math.round(seconds * 1000)))
  const message = `${name} must be a number of seconds above 0, such as 30 or 0.5. Omit it to use the gateway's limit.`
  throw new ApiError(400, "invalid_timeout", message, { param: name })
}

/** The requested number of retries; undefined if the header is absent. Throws an `ApiError`. */
const readRetries = (headers: IncomingHttpHeaders): number | undefined => {
  const name = "x-litellm-num-retries"
  const value = headers[name]
  if (value === undefined) return undefined
  if (/^\d{1,6}$/.test(String(value).trim())) return Number(value)
  const message = `${name} must be a whole number, such as 0 or 2. Omit it to use the gateway's setting.`
  throw new ApiError(400, "invalid_num_retries", message, { param: name })
}

const maxAccountText = 500

const endUserHeaders = ["x-litellm-end-user-id", "x-litellm-customer-id"]

const accountOf = (
  { account }: Caller,
  headers: IncomingHttpHeaders,
  further: readonly string[],
): Caller["account"] => {
  const name = [...endUserHeaders, ...further].find((each) => headers[each])
  if (name === undefined) return account
  const endUser = String(headers[name])
  if (endUser.length <= maxAccountText) return { ...account, endUser }
  const message = `${name} names the end user and must have at most ${maxAccountText} characters.`
  throw new ApiError(400, "invalid_end_user", message, { param: name })
}

const maxTags = 100
const maxTagLength = 500
const tagsHeader = "x-litellm-tags"

const tooManyTags = (): ApiError =>
  new ApiError(
    400,
    "invalid_tags",
    `${tagsHeader} may have ${maxTags} tags, each with a name of 1 to ${maxTagLength} characters and a value of at most ${maxTagLength}. Send fewer or shorter tags.`,
    { param: tagsHeader },
  )

/** `x-litellm-tags: one,name=value`, within a body's limits. The key's own tags win. */
const tagsOf = ({ tags }: Caller, headers: IncomingHttpHeaders): Caller["tags"] => {
  const list = headers[tagsHeader]
  if (typeof list !== "string") return tags
  const entries = list
    .split(",")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "")
    .map((entry) => [entry.replace(/=.*/, ""), /=(.*)/.exec(entry)?.[1] ?? ""] as const)
  const isTooLong = entries.some(([name, value]) =>
    [name, value].some(({ length }) => length > maxTagLength),
  )
  if (entries.length > maxTags || isTooLong) throw tooManyTags()
  return { ...Object.fromEntries(entries), ...tags }
}

const maxIgnored = 10

/** LiteLLM's headers that have no effect here, as a list for the answer's header. */
export const ignoredHeaders = (
  headers: IncomingHttpHeaders,
  { endUserHeaders: further }: Pick<ServerSettings, "endUserHeaders">,
): string | undefined => {
  const ignored: string[] = []
  for (const name in headers)
    if (name.startsWith(prefix) && !supported.has(name) && name.length <= 100)
      if (!further.includes(name)) ignored.push(name)
  return ignored.length === 0 ? undefined : ignored.slice(0, maxIgnored).join(", ")
}

/** The value that the first of several proxies wrote. */
const firstOf = (value: string | string[] | undefined): string =>
  String(value ?? "")
    .split(",")[0]
    ?.trim() ?? ""

const isHost = (host: string): boolean =>
  /^[\w.-]+(:\d{1,5})?$|^\[[\da-f:.]+\](:\d{1,5})?$/i.test(host)

/**
 * The gateway's public origin: `https://images.example.com`. `X-Forwarded-Proto` and
 * `X-Forwarded-Host` count only behind a trusted proxy, as any client can write them.
 */
export const originOf = (headers: IncomingHttpHeaders, trustProxy: boolean): string => {
  const proto = trustProxy ? firstOf(headers["x-forwarded-proto"]).toLowerCase() : ""
  const host = trustProxy ? firstOf(headers["x-forwarded-host"]) : ""
  return `${proto === "https" ? proto : "http"}://${isHost(host) ? host : (headers.host ?? "localhost")}`
}
