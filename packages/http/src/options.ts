import { ImageError } from "@pictor/core"
import { checkOptionNames } from "@pictor/core/host"
import { isRegion } from "./address.ts"
import type { ClientOptions } from "./client.ts"
import { maxTimerMs } from "./limits.ts"

/** Options of `http()`. */
export interface HttpOptions extends ClientOptions {
  /**
   * The API key. A function is called before every request, for keys that expire. `false` sends
   * none, for a server that needs none.
   */
  readonly key?: string | false | (() => string | Promise<string>) | undefined
  /**
   * The address before the endpoint. `{model}` and `{region}` are placeholders; a query is kept.
   * Result files and jobs may then also be on its host. A function is called at the first call, and
   * again at the first call after `close()`. Default: the family's.
   */
  readonly baseUrl?: string | (() => string | Promise<string>) | undefined
  /** Replaces the family's header of the key, for a proxy that expects another one. */
  readonly auth?: { readonly header: string; readonly prefix?: string } | undefined
  /** Sent with every request that has the key. They replace headers of the same name. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Hosts that result files may be on, subdomains included, besides the family's. */
  readonly fileHosts?: readonly string[] | undefined
  /** The vendor's name in ledgers and reports. Default: the family's. */
  readonly provider?: string | undefined
  /** One of the family's regions, or the `{region}` of the base URL. */
  readonly region?: string | undefined
  /** The time limit of one attempt, until the last byte of the reply. Default 300,000. */
  readonly timeoutMs?: number | undefined
  /** The largest request body that is sent. Default 104,857,600. */
  readonly maxBodyBytes?: number | undefined
  /** Polls of all jobs together in a second. Default 10. */
  readonly pollsPerSecond?: number | undefined
  /** Is called by `close()` if a call was made. */
  readonly onClose?: (() => void | Promise<void>) | undefined
}

export const defaultTimeoutMs = 300_000
export const defaultMaxBodyBytes = 100 * 1024 * 1024

const names: Readonly<Record<keyof HttpOptions, true>> = {
  auth: true,
  baseUrl: true,
  connections: true,
  dispatcher: true,
  fileHosts: true,
  headers: true,
  key: true,
  maxBodyBytes: true,
  maxReplyBytes: true,
  onClose: true,
  pollsPerSecond: true,
  provider: true,
  region: true,
  timeoutMs: true,
}

/** Rejects mistakes that are visible before a call. */
export const checkOptions = (options: HttpOptions): void => {
  checkOptionNames("http()", options, names)
  const mistake = findMistake(options) ?? findNumberMistake(options)
  if (mistake) throw new ImageError({ code: "invalid_request", message: `http(): ${mistake}` })
}

const findMistake = (options: HttpOptions): string | undefined => {
  const { key, baseUrl, headers = {}, auth, region, connections, dispatcher } = options
  if (key !== undefined && key !== false && typeof key !== "string" && typeof key !== "function")
    return "key must be a text, a function that returns one, or false"
  if (typeof baseUrl === "string" && !isBaseUrl(baseUrl)) return badBaseUrl
  if (region !== undefined && !isRegion(region))
    return "region may contain only lower-case letters, digits and hyphens"
  const all = { ...headers, ...(auth && { [auth.header]: auth.prefix ?? "" }) }
  const wrong = Object.entries(all).find(
    ([name, value]) => !/^[\w!#$%&'*+.^`|~-]+$/.test(name) || !isHeaderValue(value),
  )
  if (wrong)
    return `the header ${JSON.stringify(wrong[0].slice(0, 60))} has a name or a value that HTTP does not allow; use printable ASCII`
  if (connections !== undefined && dispatcher !== undefined)
    return "connections and dispatcher exclude each other; set one"
  return undefined
}

const findNumberMistake = (options: HttpOptions): string | undefined => {
  const { connections, maxBodyBytes, maxReplyBytes, pollsPerSecond, timeoutMs } = options
  const counts = { connections, maxBodyBytes, maxReplyBytes }
  for (const [name, value] of Object.entries(counts))
    if (value !== undefined && !(Number.isSafeInteger(value) && value >= 1))
      return `${name} must be a whole number of at least 1`
  if (pollsPerSecond !== undefined && !(pollsPerSecond > 0 && pollsPerSecond <= 1000))
    return "pollsPerSecond must be a number above 0 and at most 1,000"
  if (
    timeoutMs !== undefined &&
    !(Number.isInteger(timeoutMs) && timeoutMs >= 1 && timeoutMs <= maxTimerMs)
  )
    return `timeoutMs must be a whole number of milliseconds from 1 to ${maxTimerMs.toLocaleString("en-US")}`
  return undefined
}

export const badBaseUrl =
  "baseUrl must be an absolute http or https URL without user, password and fragment, such as https://images.example.com/v1; a credential belongs into key or headers"

/** The placeholders are no valid part of a host name. */
export const isBaseUrl = (text: unknown): text is string => {
  if (typeof text !== "string") return false
  const filled = text.replaceAll(/\{(?:model|region)\}/g, "x")
  if (!URL.canParse(filled)) return false
  const { protocol, username, password, hash } = new URL(filled)
  return /^https?:$/.test(protocol) && username === "" && password === "" && hash === ""
}

/** Printable ASCII and tabs: what every server reads alike. */
export const isHeaderValue = (value: unknown): value is string =>
  typeof value === "string" && /^[\t\x20-\x7e]*$/.test(value)
