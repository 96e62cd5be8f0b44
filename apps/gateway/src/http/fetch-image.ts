import { lookup } from "node:dns"
import type { IncomingMessage } from "node:http"
import { request } from "node:https"
import { isIP, type LookupFunction } from "node:net"
import { ImageError } from "@pictor/core"
import ipaddr from "ipaddr.js"
import { calls } from "../request-context.ts"

export interface FetchImageOptions {
  /** `images.example.com`, or `*.example.com` for all below it. */
  readonly hosts: readonly string[]
  readonly maxBytes: number
  readonly timeoutMs: number
  /** How a name becomes addresses. Default: the system's way. */
  readonly resolve?: LookupFunction
}

const refused = (message: string, cause?: unknown): ImageError =>
  new ImageError({ code: "invalid_request", message, ...(cause === undefined ? {} : { cause }) })

const covers = (allowed: string, host: string): boolean =>
  allowed.startsWith("*.")
    ? host.endsWith(allowed.slice(1).toLowerCase())
    : host === allowed.toLowerCase()

/** Is it an address of the internet, and not of this machine, its network or its cloud's metadata? */
export const isPublic = (address: string): boolean =>
  ipaddr.isValid(address) && ipaddr.process(address).range() === "unicast"

/** Resolves names, to public addresses only: what is checked here is what is connected to. */
const guarded =
  (resolve: LookupFunction): LookupFunction =>
  (hostname, options, callback) =>
    resolve(hostname, options, (error, address, family) => {
      const found = Array.isArray(address) ? address.map((each) => each.address) : [address]
      if (error || found.every(isPublic)) callback(error, address, family)
      else
        callback(
          refused("An image's URL leads to an address that is not public; it was not fetched."),
          "",
          0,
        )
    })

const check = (url: URL, hosts: readonly string[]): void => {
  if (url.protocol !== "https:" || url.username !== "" || (url.port !== "" && url.port !== "443"))
    throw refused(
      "An image's URL begins with https://, and has neither a port nor a user; send the image itself instead.",
    )
  if (
    isIP(url.hostname.replace(/^\[|\]$/g, "")) !== 0 ||
    !hosts.some((allowed) => covers(allowed, url.hostname))
  )
    throw refused(
      "An image's URL is not of a host that gateway_settings.image_hosts names; send the image itself, as base64 or a file.",
    )
}

const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])
const mostRedirects = 3

/** Where an answer sends its reader; undefined: nowhere. */
const placeIn = (
  { statusCode = 0, headers: { location } }: IncomingMessage,
  from: URL,
): URL | undefined => {
  if (!redirects.has(statusCode) || location === undefined) return undefined
  if (!URL.canParse(location, from.href))
    throw refused("An image's URL leads to something that is no URL; it was not fetched.")
  return new URL(location, from)
}

const read = async (response: IncomingMessage, maxBytes: number): Promise<Uint8Array> => {
  if (response.statusCode !== 200)
    throw refused(`An image's URL was answered with ${response.statusCode}, not with an image.`)
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > maxBytes)
      throw refused(`The image behind a URL is larger than the ${maxBytes} bytes that are taken.`)
    if (calls.getStore()?.hold?.(chunk.length) === false)
      throw refused("The gateway holds as much as it may just now. Try again in a second.")
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, length)
}

const ask = (url: URL, resolve: LookupFunction, signal: AbortSignal): Promise<IncomingMessage> =>
  new Promise((found, failed) => {
    request(url, { lookup: resolve, signal, agent: false }, found).on("error", failed).end()
  })

/**
 * Brings images from hosts that are allowed, and from nowhere that only this machine reaches; every place that one of them sends to is looked at as
 * the first. Throws `invalid_request`, without the URL.
 */
export const createFetchImage =
  ({ hosts, maxBytes, timeoutMs, resolve = lookup }: FetchImageOptions) =>
  async (url: URL, signal: AbortSignal | undefined): Promise<Uint8Array> => {
    const late = AbortSignal.timeout(timeoutMs)
    const ended = signal ? AbortSignal.any([signal, late]) : late
    try {
      let place = url
      for (let redirected = 0; redirected <= mostRedirects; redirected++) {
        check(place, hosts)
        const response = await ask(place, guarded(resolve), ended)
        try {
          const next = placeIn(response, place)
          if (!next) return await read(response, maxBytes)
          place = next
        } finally {
          response.destroy()
        }
      }
      throw refused(
        `An image's URL leads on more than ${mostRedirects} times; name the place where it lies.`,
      )
    } catch (thrown) {
      if (thrown instanceof ImageError) throw thrown
      throw refused(
        "The image behind a URL could not be fetched; send the image itself, as base64 or a file.",
        thrown,
      )
    }
  }
