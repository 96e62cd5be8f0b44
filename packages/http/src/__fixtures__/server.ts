import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo, Socket } from "node:net"
import type { HttpFamily, TransportCall } from "@pictor/core/adapter"

export interface Received {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

/** `cut` destroys all connections. */
export type Respond = (
  response: ServerResponse,
  received: Received,
  cut: () => void,
) => void | Promise<void>

export interface TestServer {
  readonly url: string
  readonly requests: readonly Received[]
  /** Connections that are still open. */
  readonly open: () => number
  close(): Promise<void>
}

/** A server that answers as the test says and records what it receives. */
export const startServer = async (respond: Respond): Promise<TestServer> => {
  const requests: Received[] = []
  const sockets = new Set<Socket>()
  const cut = (): void => {
    for (const socket of sockets) socket.destroy()
  }
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const received = { ...describe(request), body: Buffer.concat(chunks) }
    requests.push(received)
    await respond(response, received, cut)
  }
  const server = createServer((request, response) => void handle(request, response).catch(() => {}))
  server.on("connection", (socket) => {
    sockets.add(socket)
    socket.on("error", () => {})
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    open: () => [...sockets].filter((socket) => !socket.destroyed).length,
    close: () => {
      cut()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

const describe = (request: IncomingMessage): Omit<Received, "body"> => ({
  method: request.method ?? "",
  path: request.url ?? "",
  headers: Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
  ),
})

export const answer = (
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void => {
  const bytes = body instanceof Uint8Array ? body : Buffer.from(JSON.stringify(body))
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": String(bytes.length),
    ...headers,
  })
  response.end(bytes)
}

export const answerWith =
  (status: number, body: unknown, headers?: Readonly<Record<string, string>>): Respond =>
  (response) =>
    answer(response, status, body, headers)

export const family: HttpFamily = {
  provider: "acme",
  baseUrl: "https://api.acme.example/v1",
  auth: { header: "Authorization", prefix: "Bearer " },
}

export const key = "acme-key-5f1c77ab"

export const call: TransportCall = {
  model: "painter-1",
  modelId: "painter-1",
  endpoint: "/images",
  body: { prompt: "a lighthouse" },
  http: family,
}

/** Polled as fast as the test's server answers. */
export const jobFamily: HttpFamily = {
  ...family,
  jobs: {
    id: "id",
    url: "polling_url",
    state: "status",
    running: ["Pending"],
    lost: ["Unknown"],
    firstWaitMs: 1,
    longestWaitMs: 2,
    timeoutMs: 20_000,
  },
}

export const textOf = (body: Uint8Array | readonly Uint8Array[]): string =>
  Buffer.concat(body instanceof Uint8Array ? [body] : [...body]).toString()
