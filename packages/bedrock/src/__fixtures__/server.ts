import { createServer as createHttp1, type IncomingMessage, type ServerResponse } from "node:http"
import {
  createServer as createHttp2,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from "node:http2"
import { type AddressInfo, createServer, type Socket } from "node:net"

interface Received {
  readonly method: string
  readonly path: string
  readonly protocol: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** `cut` destroys the connections below HTTP/2, which the socket that Node shows of it would end in good order. */
export type Respond = (response: ServerResponse, received: Received, cut: () => void) => void

export interface TestServer {
  readonly url: string
  readonly requests: readonly Received[]
  /** Connections so far, and those that still stand. */
  readonly connections: () => number
  readonly open: () => number
  close(): Promise<void>
}

/** Answers HTTP/1.1 and HTTP/2 without TLS on one port, as an emulator of Bedrock has to. */
export const startServer = async (
  respond: Respond,
  protocols: "both" | "http/1.1" = "both",
): Promise<TestServer> => {
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
  const quiet = (request: IncomingMessage, response: ServerResponse): void =>
    void handle(request, response).catch(() => {})
  const http1 = createHttp1(quiet)
  const http2 = createHttp2(
    quiet as unknown as (request: Http2ServerRequest, response: Http2ServerResponse) => void,
  )
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on("error", () => {})
    socket.once("data", (first) => {
      socket.pause()
      socket.unshift(first)
      const speaksHttp2 = protocols === "both" && first.subarray(0, 3).toString("latin1") === "PRI"
      ;(speaksHttp2 ? http2 : http1).emit("connection", socket)
      process.nextTick(() => socket.resume())
    })
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
