import { createServer, type RequestListener, type Server } from "node:http"
import { answerBrokenHttp } from "./errors.ts"
import type { ServerSettings } from "./settings.ts"

export interface Listening {
  readonly url: string
  /** Takes no new connections and resolves when the last one is closed; those still in use after `graceMs` are cut. */
  closed(graceMs: number): Promise<void>
}

/** Longer than the minute that load balancers keep connections, so that they are the ones who close them. */
const keepAliveMs = 75_000
const longestHeadersMs = 60_000

const urlOf = (server: Server, host: string): string => {
  const address = server.address()
  const port = typeof address === "object" && address ? address.port : 0
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`
}

const closing =
  (server: Server) =>
  async (graceMs: number): Promise<void> => {
    const ended = new Promise<void>((resolve) => {
      server.close(() => resolve())
    })
    server.closeIdleConnections()
    const timer = setTimeout(() => server.closeAllConnections(), graceMs)
    await ended
    clearTimeout(timer)
  }

/** Listens, with limits on how long a client may take to say what it wants. Rejects where the address cannot be had. */
export const listen = (
  listener: RequestListener,
  { host, port, receiveMs }: ServerSettings,
): Promise<Listening> =>
  new Promise((resolve, reject) => {
    const options = {
      headersTimeout: Math.min(receiveMs, longestHeadersMs),
      requestTimeout: receiveMs,
      connectionsCheckingInterval: Math.min(receiveMs, 5_000),
      keepAliveTimeout: keepAliveMs,
      // Node would refuse it without a body.
      requireHostHeader: false,
    }
    const server = createServer(options, listener)
    answerBrokenHttp(server)
    server.once("error", reject)
    server.listen(port, host, () => {
      server.off("error", reject)
      resolve({ url: urlOf(server, host), closed: closing(server) })
    })
  })
