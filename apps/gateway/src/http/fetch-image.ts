import { lookup } from "node:dns"
import type { IncomingMessage } from "node:http"
import { request } from "node:https"
import { isIP, type LookupFunction } from "node:net"
import { ImageError } from "@pictor/core"
import ipaddr, { type IPv4, type IPv6 } from "ipaddr.js"
import { calls } from "../request-context.ts"

export interface FetchImageOptions {
  /** `images.example.com`, or `*.example.com` for all subdomains. */
  readonly hosts: readonly string[]
  readonly maxBytes: number
  readonly timeoutMs: number
  /** Default: the system's resolver. */
  readonly resolve?: LookupFunction
}

const rejected = (message: string, cause?: unknown): ImageError =>
  new ImageError({ code: "invalid_request", message, ...(cause === undefined ? {} : { cause }) })

const covers = (allowed: string, host: string): boolean =>
  allowed.startsWith("*.")
    ? host.endsWith(allowed.slice(1).toLowerCase())
    : host === allowed.toLowerCase()

/** Azure's metadata, DNS and health service, in the midst of public addresses. */
const cloudService = "168.63.129.16"

/** IPv6 assigns only 2000::/3: https://www.iana.org/assignments/ipv6-address-space. */
const isAssigned = (address: IPv4 | IPv6): boolean =>
  !("parts" in address) || ((address.parts[0] ?? 0) & 0xe000) === 0x2000

/** An address on the internet, and not of this machine, its network or its cloud's metadata. */
export const isPublic = (text: string): boolean => {
  if (!ipaddr.isValid(text)) return false
  const address = ipaddr.process(text)
  return address.range() === "unicast" && isAssigned(address) && address.toString() !== cloudService
}

/** Resolves to public addresses only. The connection uses the address that is checked here. */
const publicOnly =
  (resolve: LookupFunction): LookupFunction =>
  (hostname, options, callback) =>
    resolve(hostname, options, (error, address, family) => {
      const found = Array.isArray(address) ? address.map((each) => each.address) : [address]
      if (error || found.every(isPublic)) callback(error, address, family)
      else callback(rejected("The image URL resolves to an address that is not public."), "", 0)
    })

const check = (url: URL, hosts: readonly string[]): void => {
  const hasUser = url.username !== "" || url.password !== ""
  if (url.protocol !== "https:" || hasUser || (url.port !== "" && url.port !== "443"))
    throw rejected(
      "An image URL must start with https:// and have no port and no user. Otherwise send the image itself, as base64 or a file.",
    )
  if (
    isIP(url.hostname.replace(/^\[|\]$/g, "")) !== 0 ||
    !hosts.some((allowed) => covers(allowed, url.hostname))
  )
    throw rejected(
      "The host of the image URL is not in gateway_settings.image_hosts. Send the image itself, as base64 or a file.",
    )
}

const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])
const maxRedirects = 3

/** The target of a redirect; undefined if there is none. */
const redirectOf = (
  { statusCode = 0, headers: { location } }: IncomingMessage,
  from: URL,
): URL | undefined => {
  if (!redirects.has(statusCode) || location === undefined) return undefined
  if (!URL.canParse(location, from.href))
    throw rejected("The image URL redirects to an invalid URL.")
  return new URL(location, from)
}

const read = async (response: IncomingMessage, maxBytes: number): Promise<Uint8Array> => {
  if (response.statusCode !== 200)
    throw rejected(`The image URL returned status ${response.statusCode}, not an image.`)
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > maxBytes)
      throw rejected(
        `The image at the URL exceeds the limit of ${maxBytes.toLocaleString("en-US")} bytes.`,
      )
    if (calls.getStore()?.reserveBytes?.(chunk.length) === false)
      throw rejected("The gateway is at its memory limit. Retry in 1 s.")
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, length)
}

const get = (url: URL, resolve: LookupFunction, signal: AbortSignal): Promise<IncomingMessage> =>
  new Promise((found, failed) => {
    request(url, { lookup: resolve, signal, agent: false }, found).on("error", failed).end()
  })

/**
 * Fetches images from allowed hosts, at public addresses only; each redirect is checked like the
 * first URL. Throws `invalid_request`, without the URL.
 */
export const createFetchImage =
  ({ hosts, maxBytes, timeoutMs, resolve = lookup }: FetchImageOptions) =>
  async (url: URL, signal: AbortSignal | undefined): Promise<Uint8Array> => {
    const timeout = AbortSignal.timeout(timeoutMs)
    const ended = signal ? AbortSignal.any([signal, timeout]) : timeout
    try {
      let target = url
      for (let redirected = 0; redirected <= maxRedirects; redirected++) {
        check(target, hosts)
        const response = await get(target, publicOnly(resolve), ended)
        try {
          const next = redirectOf(response, target)
          if (!next) return await read(response, maxBytes)
          target = next
        } finally {
          response.destroy()
        }
      }
      throw rejected(`The image URL redirects more than ${maxRedirects} times. Use the final URL.`)
    } catch (thrown) {
      if (thrown instanceof ImageError) throw thrown
      throw rejected(
        "The image at the URL could not be fetched. Send the image itself, as base64 or a file.",
        thrown,
      )
    }
  }
