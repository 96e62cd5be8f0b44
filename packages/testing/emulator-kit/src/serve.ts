import { createServer, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { getRequestListener, type HttpBindings } from "@hono/node-server"
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response"

/** A handler of requests, such as the `fetch` of a Hono app. */
export type FetchHandler = (request: Request, env: HttpBindings) => Response | Promise<Response>

export type Served = {
  readonly url: string
  /** Closes all connections at once. */
  readonly close: () => Promise<void>
}

/** Serves a handler over HTTP/1.1 on a port of the loopback interface. Port 0 is a free port. */
export const serveFetch = async (fetch: FetchHandler, port = 0): Promise<Served> => {
  const listener = getRequestListener(
    (request, env) => fetch(request, env as HttpBindings), // The server below speaks HTTP/1.1 only.
  )
  const server = createServer((incoming, outgoing) => void listener(incoming, outgoing))
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject)
    server.listen(port, "127.0.0.1", resolve)
  })
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close }
}

/** A signal that aborts when the client disconnects or the server closes. */
export const goneSignal = ({ outgoing }: HttpBindings): AbortSignal => {
  const gone = new AbortController()
  outgoing.on("close", () => gone.abort())
  return gone.signal
}

/** Closes the connection without an answer, like a network failure. */
export const resetConnection = ({ incoming }: HttpBindings): Response => {
  incoming.socket.destroy()
  return RESPONSE_ALREADY_SENT
}

export type Head = { readonly status: number; readonly headers: Readonly<Record<string, string>> }

/** Sends pieces as they come, each flushed, and ends the answer or cuts the connection. */
export const sendPieces = async (
  { outgoing }: HttpBindings,
  { status, headers }: Head,
  pieces: AsyncIterable<Uint8Array>,
  ending: "end" | "cut" = "end",
): Promise<Response> => {
  try {
    outgoing.writeHead(status, headers)
    for await (const piece of pieces) await write(outgoing, piece)
    if (ending === "end") outgoing.end()
    else outgoing.destroy()
  } catch {
    // The client disconnected, or the emulator is closing.
    outgoing.destroy()
  }
  return RESPONSE_ALREADY_SENT
}

const write = (outgoing: ServerResponse, piece: Uint8Array): Promise<void> =>
  new Promise((resolve, reject) => {
    outgoing.write(piece, (error) => (error ? reject(error) : resolve()))
  })
