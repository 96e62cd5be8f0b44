import { createServer, type RequestListener, type Server } from "node:http"
import { completesWithin } from "../lib/with-timeout.ts"
import type { Admission } from "./admission.ts"
import { answerParseErrors } from "./errors.ts"
import type { ServerSettings } from "./settings.ts"

export interface Listening {
  readonly url: string
  /** Stops listening; resolves when all connections are closed, which `graceMs` enforces. */
  closed(graceMs: number): Promise<void>
}

/** Longer than the usual minute of load balancers, so that they close idle connections first. */
const keepAliveMs = 75_000
const maxHeadersMs = 60_000

const urlOf = (server: Server, host: string): string => {
  const address = server.address()
  const port = typeof address === "object" && address ? address.port : 0
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`
}

const close = async (server: Server, graceMs: number): Promise<void> => {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve())
  })
  server.closeIdleConnections()
  const timer = setTimeout(() => server.closeAllConnections(), graceMs)
  await closed
  clearTimeout(timer)
}

/** Listens, with limits on how long a client may send. Rejects if the address is unavailable. */
export const listen = (
  listener: RequestListener,
  { host, port, receiveMs }: ServerSettings,
): Promise<Listening> =>
  new Promise((resolve, reject) => {
    const options = {
      headersTimeout: Math.min(receiveMs, maxHeadersMs),
      requestTimeout: receiveMs,
      connectionsCheckingInterval: Math.min(receiveMs, 5_000),
      keepAliveTimeout: keepAliveMs,
      // Node would reject a request without a host with an empty body.
      requireHostHeader: false,
    }
    const server = createServer(options, listener)
    answerParseErrors(server)
    server.once("error", reject)
    server.listen(port, host, () => {
      server.off("error", reject)
      resolve({ url: urlOf(server, host), closed: (graceMs) => close(server, graceMs) })
    })
  })

export interface DrainOptions {
  readonly listening: Listening
  readonly admission: Pick<Admission, "idle">
  /** Ends the requests whose body is not whole. */
  readonly stopReceiving: () => void
  /** For requests in flight to finish. */
  readonly drainMs: number
  /** Aborts the requests that are still in flight. */
  readonly cut: () => void
}

/** For aborted requests to answer, for bodies to arrive and for idle connections to close. */
const graceMs = 5_000

/**
 * Waits for requests in flight, then closes the server. Until then it listens on, so that
 * readiness checks and new requests get an answer. The ledger holds aborted calls as sent.
 */
export const drain = async ({
  listening,
  admission,
  stopReceiving,
  drainMs,
  cut,
}: DrainOptions): Promise<void> => {
  const receiving = setTimeout(stopReceiving, Math.min(graceMs, drainMs))
  if (!(await completesWithin(admission.idle(), drainMs))) {
    cut()
    await completesWithin(admission.idle(), graceMs)
  }
  clearTimeout(receiving)
  stopReceiving()
  await listening.closed(graceMs)
}
