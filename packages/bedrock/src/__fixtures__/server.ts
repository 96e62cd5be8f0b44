import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo, Socket } from "node:net"

interface Received {
  readonly method: string
  readonly path: string
  readonly protocol: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** `cut` destroys all connections. */
export type Respond = (response: ServerResponse, received: Received, cut: () => void) => void

export interface TestServer {
  readonly url: string
  readonly requests: readonly Received[]
  /** All connections so far. */
  readonly connections: () => number
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
    const received = { ...describe(request), body: Buffer.concat(chunks).toString() }
    requests.push(received)
    respond(response, received, cut)
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
    connections: () => sockets.size,
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
  protocol: request.httpVersion,
  headers: Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
  ),
})

export const answerJson =
  (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Respond =>
  (response) => {
    const bytes = Buffer.from(typeof body === "string" ? body : JSON.stringify(body))
    response.writeHead(status, {
      "content-type": "application/json",
      "content-length": String(bytes.length),
      ...headers,
    })
    response.end(bytes)
  }

export const keys = { accessKeyId: "AKIDTEST", secretAccessKey: "test-secret" } as const

export const titanCall = {
  model: "amazon.titan-image-generator-v2:0",
  modelId: "amazon.titan-image-generator-v2:0",
  body: {
    taskType: "TEXT_IMAGE",
    textToImageParams: { text: "tea" },
    imageGenerationConfig: { width: 512, height: 512 },
  },
} as const
