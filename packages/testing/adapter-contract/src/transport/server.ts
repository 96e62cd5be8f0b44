import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo, Socket } from "node:net"

/** A request as the kit's server received it. */
interface Received {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** Resolves when the answer was sent or the connection was closed. */
  readonly closed: Promise<void>
}

/** Answers a request. `cut` closes its connection. */
export type Respond = (response: ServerResponse, received: Received, cut: () => void) => void

export interface KitServer {
  readonly url: string
  readonly requests: readonly Received[]
  /** Connections that are open. */
  readonly open: () => number
  close(): Promise<void>
}

/** A server on loopback that records what it receives. */
export const startServer = async (respond: Respond): Promise<KitServer> => {
  const requests: Received[] = []
  const sockets = new Set<Socket>()
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const received: Received = {
      method: request.method ?? "",
      path: request.url ?? "",
      headers: Object.fromEntries(
        Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
      ),
      body: Buffer.concat(chunks).toString(),
      closed: new Promise((resolve) => response.on("close", resolve)),
    }
    requests.push(received)
    respond(response, received, () => request.socket.destroy())
  }
  // A request that breaks off is the test's own doing.
  const server = createServer((request, response) => void handle(request, response).catch(() => {}))
  server.on("connection", (socket) => {
    sockets.add(socket)
    socket.on("error", () => {}).on("close", () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    open: () => sockets.size,
    close: () => {
      for (const socket of sockets) socket.destroy()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

/** Answers with JSON, or with bytes. */
export const answer =
  (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Respond =>
  (response) => {
    const bytes = body instanceof Uint8Array ? body : Buffer.from(JSON.stringify(body))
    response.writeHead(status, {
      "content-type": "application/json",
      "content-length": String(bytes.length),
      ...headers,
    })
    response.end(bytes)
  }
