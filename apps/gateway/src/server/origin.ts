import type { IncomingHttpHeaders } from "node:http"

/** What the first of several proxies wrote. */
const first = (header: string | string[] | undefined): string =>
  String(header ?? "")
    .split(",")[0]
    ?.trim() ?? ""

const isHost = (host: string): boolean =>
  /^[\w.-]+(:\d{1,5})?$|^\[[\da-f:.]+\](:\d{1,5})?$/i.test(host)

/**
 * Where the outside found the gateway: `https://images.example.com`. Anybody can write `X-Forwarded-Proto` and `X-Forwarded-Host`, so that they count
 * only where a trusted proxy writes them.
 */
export const originOf = (headers: IncomingHttpHeaders, trustProxy: boolean): string => {
  const proto = trustProxy ? first(headers["x-forwarded-proto"]).toLowerCase() : ""
  const host = trustProxy ? first(headers["x-forwarded-host"]) : ""
  return `${proto === "https" ? proto : "http"}://${isHost(host) ? host : (headers.host ?? "localhost")}`
}
