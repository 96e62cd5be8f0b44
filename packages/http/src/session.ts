import { ImageError, isImageError } from "@pictor/core"
import type { HttpFamily, ResumedCall } from "@pictor/core/adapter"
import { type BaseAddress, findBase, misconfigured } from "./address.ts"
import type { HttpClient, HttpHead, HttpReply, HttpRequest, SendSettings } from "./client.ts"
import {
  type Circumstances,
  type Exchange,
  eventError,
  statusError,
  toImageError,
  withoutSecrets,
} from "./errors.ts"
import { createEventStream, type EventStream } from "./events.ts"
import { type Ending, type Limits, runLimited } from "./limits.ts"
import { badBaseUrl, type HttpOptions, isBaseUrl, isHeaderValue } from "./options.ts"
import type { PollBudget } from "./poll-budget.ts"

/** What all calls of a transport share. */
export interface Shared {
  readonly options: HttpOptions
  readonly client: HttpClient
  readonly polls: PollBudget
  /** The base URL that the caller's function returns. */
  readonly ownBase: () => Promise<string | undefined>
  /** Submits that the caller did not wait for. */
  readonly pending: Set<Promise<unknown>>
}

/** What one call needs to reach its API. */
export interface Session {
  readonly family: HttpFamily
  readonly base: BaseAddress
  readonly call: ResumedCall
  readonly shared: Shared
}

/** Throws what a call without a family, a key or a region throws. Nothing is sent. */
export const openSession = async (
  call: ResumedCall,
  shared: Shared,
  limits: Limits,
): Promise<Session> => {
  const { options } = shared
  const family = familyOf(call, options)
  const exchange = { isSent: false, headers: {} }
  // Only a function has to be waited for.
  const own =
    typeof options.baseUrl === "function"
      ? await runLimited(limits, shared.ownBase, (error, ended) =>
          toImageError(error, { call, family, host: family.provider, exchange }, ended),
        )
      : options.baseUrl
  return { family, base: findBase(family, own, options.region ?? call.region), call, shared }
}

const familyOf = (
  { http, model }: Pick<ResumedCall, "http" | "model">,
  { provider }: Pick<HttpOptions, "provider">,
): HttpFamily => {
  if (http) return provider === undefined ? http : { ...http, provider }
  throw misconfigured(
    `The adapter of ${model} does not describe an HTTP API; give it the transport that its README names`,
  )
}

/** The base URL of a function in the options, found once until `forget`. */
export const createOwnBase = ({ baseUrl }: Pick<HttpOptions, "baseUrl">) => {
  let found: Promise<string> | undefined
  const find = async (): Promise<string | undefined> => {
    if (typeof baseUrl !== "function") return undefined
    found ??= Promise.resolve(baseUrl())
    const current = found
    try {
      const text = await current
      if (!isBaseUrl(text)) throw misconfigured(`The function http({ baseUrl }): ${badBaseUrl}`)
      return text
    } catch (error) {
      if (found === current) found = undefined
      if (isImageError(error)) throw error
      throw misconfigured("The function http({ baseUrl }) failed; it must return the base URL")
    }
  }
  const forget = (): void => {
    found = undefined
  }
  return { find, forget }
}

/** The key in its header, and the texts that must not get into a message. */
interface Authorization {
  readonly headers: Readonly<Record<string, string>>
  readonly secrets: readonly string[]
}

/** Shorter values are no secrets, and are part of other words. */
const minSecretLength = 6

/** Throws `misconfigured` without a key, and `unauthenticated` if the key's function has none. */
export const authorize = async (
  { key, headers = {}, auth }: Pick<HttpOptions, "auth" | "headers" | "key">,
  family: Pick<HttpFamily, "auth" | "provider"> | undefined,
): Promise<Authorization> => {
  const { header, prefix = "" } = auth ?? family?.auth ?? { header: "authorization" }
  const own = lowerCased(headers)
  const provider = family?.provider ?? "the provider"
  const text = header.toLowerCase() in own || key === false ? undefined : await keyOf(key, provider)
  const secrets = [...Object.values(own), ...(text === undefined ? [] : [text])]
  return {
    headers: { ...(text !== undefined && { [header.toLowerCase()]: prefix + text }), ...own },
    secrets: secrets.filter(({ length }) => length >= minSecretLength),
  }
}

const lowerCased = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))

const keyOf = async (key: HttpOptions["key"], provider: string): Promise<string> => {
  const text = typeof key === "function" ? await called(key, provider) : key
  const trimmed = typeof text === "string" ? text.trim() : ""
  const remedy = `set http({ key }) to an API key of ${provider}`
  if (trimmed === "" && typeof key !== "function")
    throw misconfigured(
      `There is no key for ${provider}; ${remedy}, or to false for a server that needs none`,
    )
  if (trimmed === "")
    throw unauthenticated(`The function http({ key }) returned no key for ${provider}`)
  if (!isHeaderValue(trimmed))
    throw misconfigured(
      `The key for ${provider} has characters that a header cannot have; ${remedy}`,
    )
  return trimmed
}

const called = async (key: () => string | Promise<string>, provider: string): Promise<string> => {
  try {
    return await key()
  } catch (error) {
    if (isImageError(error)) throw error
    throw unauthenticated(
      `The function http({ key }) failed, so there is no key for ${provider}; check where it gets the key`,
    )
  }
}

const unauthenticated = (message: string): ImageError =>
  new ImageError({ code: "unauthenticated", message })

export interface KeyedRequest {
  readonly method: HttpRequest["method"]
  readonly url: URL
  readonly body?: { readonly bytes: Uint8Array; readonly contentType: string }
}

const circumstancesOf = (
  { family, base, call }: Session,
  exchange: Pick<Exchange, "isSent" | "headers">,
): Circumstances => ({
  call,
  family,
  host: new URL(base.text.replaceAll("{model}", "x")).host,
  exchange,
})

interface KeyedSettings extends Pick<SendSettings, "maxReplyBytes" | "signal"> {
  readonly exchange: Exchange
  readonly onEvent?: ((event: unknown) => void) | undefined
}

/**
 * Sends a request with the key. Throws the error of a status that is not 2xx, and of a stream whose
 * last event is an error.
 */
export const sendWithKey = async (
  session: Session,
  { method, url, body }: KeyedRequest,
  { exchange, signal, maxReplyBytes, onEvent }: KeyedSettings,
): Promise<HttpReply> => {
  const { family, shared } = session
  const { headers, secrets } = await authorize(shared.options, family)
  let events: EventStream | undefined
  const clean = <Head extends HttpHead>(head: Head): Head => ({
    ...head,
    headers: Object.fromEntries(
      Object.entries(head.headers).map(([name, text]) => [name, withoutSecrets(text, secrets)]),
    ),
  })
  const received = await shared.client.send(
    {
      origin: url.origin,
      path: url.pathname + url.search,
      method,
      headers: {
        accept: "application/json",
        "user-agent": "pictor",
        ...lowerCased(family.headers ?? {}),
        ...headers,
        ...(body && { "content-type": body.contentType }),
      },
      body: body?.bytes ?? null,
    },
    {
      signal,
      maxReplyBytes,
      observer: { sent: exchange.sent, answered: (head) => exchange.answered(clean(head)) },
      collect: (head) => {
        if (isEventStream(head)) events = createEventStream(onEvent)
        return events
      },
    },
  )
  const reply = clean(received)
  const circumstances = circumstancesOf(session, exchange)
  if (reply.statusCode < 200 || reply.statusCode > 299)
    throw statusError({ circumstances, family, reply, secrets })
  if (events?.lastName() === "error") throw eventError({ circumstances, family, reply, secrets })
  return reply
}

const isEventStream = ({ headers }: HttpHead): boolean =>
  /^text\/event-stream/i.test(headers["content-type"] ?? "")

/** The error of a step, with what is known about its request. */
export const failWith =
  (session: Session, exchange: Pick<Exchange, "isSent" | "headers">) =>
  (error: unknown, ended?: Ending): ImageError =>
    toImageError(error, circumstancesOf(session, exchange), ended)
