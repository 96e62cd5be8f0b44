import { lookup } from "node:dns"
import type { IncomingMessage } from "node:http"
import { request } from "node:https"
import { isIP, type LookupFunction } from "node:net"
import { ImageError } from "@pictor/core"
import ipaddr from "ipaddr.js"
import { calls } from "../call.ts"

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
  allowed.startsWith("*.") ? host.endsWith(allowed.slice(1).toLowerCase()) : host === allowed.toLowerCase()

/** Is it an address of the internet, and not of this machine, its network or its cloud's metadata? */
export const isPublic = (address: string): boolean => ipaddr.isValid(address) && ipaddr.process(address).range() === "unicast"

/** Resolves names, to public addresses only: what is checked here is what is connected to. */
const guarded =
  (resolve: LookupFunction): LookupFunction =>
  (hostname, options, callback) =>
    resolve(hostname, options, (error, address, family) => {
      const found = Array.isArray(address) ? address.map((each) => each.address) : [address]
      if (error || found.every(isPublic)) callback(error, address, family)
      else callback(refused("An image's URL leads to an address that is not public; it was not fetched."), "", 0)
    })

const check = (url: URL, hosts: readonly string[]): void => {
  if (url.protocol !== "https:" || url.username !== "" || (url.port !== "" && url.port !== "443"))
    throw refused("An image's URL begins with https://, and has neither a port nor a user; send the image itself instead.")
  if (isIP(url.hostname.replace(/^\[|\]$/g, "")) !== 0 || !hosts.some((allowed) => covers(allowed, url.hostname)))
    throw refused("An image's URL is not of a host that gateway_settings.image_hosts names; send the image itself, as base64 or a file.")
}

const read = async (response: IncomingMessage, maxBytes: number): Promise<Uint8Array> => {
  // Another place would have to be checked again; whoever asks can name it at once.
  if (response.statusCode !== 200) throw refused(`An image's URL was answered with ${response.statusCode}, not with an image.`)
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > maxBytes) throw refused(`The image behind a URL is larger than the ${maxBytes} bytes that are taken.`)
    if (calls.getStore()?.hold?.(chunk.length) === false) throw refused("The gateway holds as much as it may just now. Try again in a second.")
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, length)
}

/** Brings images from hosts that are allowed, and from nowhere that only this machine reaches. Throws `invalid_request`, without the URL. */
export const createFetchImage =
  ({ hosts, maxBytes, timeoutMs, resolve = lookup }: FetchImageOptions) =>
  async (url: URL, signal: AbortSignal | undefined): Promise<Uint8Array> => {
    check(url, hosts)
    const late = AbortSignal.timeout(timeoutMs)
    const ended = signal ? AbortSignal.any([signal, late]) : late
    try {
      const response = await new Promise<IncomingMessage>((found, failed) => {
        request(url, { lookup: guarded(resolve), signal: ended, agent: false }, found)
          .on("error", failed)
          .end()
      })
      return await read(response, maxBytes).finally(() => response.destroy())
    } catch (thrown) {
      if (thrown instanceof ImageError) throw thrown
      throw refused("The image behind a URL could not be fetched; send the image itself, as base64 or a file.", thrown)
    }
  }
