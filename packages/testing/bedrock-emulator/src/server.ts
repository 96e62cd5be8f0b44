import {
  createServer as createHttp1Server,
  type IncomingMessage,
  type ServerResponse,
} from "node:http"
import {
  createServer as createHttp2Server,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from "node:http2"
import type { AddressInfo } from "node:net"
import { createServer, type Server, type Socket } from "node:net"

export type ServerRequest = IncomingMessage | Http2ServerRequest

export type ServerReply = ServerResponse | Http2ServerResponse

export type Listening = {
  readonly url: string
  /** Closes all connections at once. */
  readonly close: () => Promise<void>
}

/**
 * Serves HTTP/1.1 and HTTP/2 without TLS on one port of the loopback interface. The first bytes
 * select the protocol.
 */
export const listen = async (
  port: number,
  handle: (request: ServerRequest, reply: ServerReply) => void,
): Promise<Listening> => {
  const http1 = createHttp1Server(handle)
  const http2 = createHttp2Server(handle)
  http1.on("clientError", (_, socket) => socket.destroy())
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on("close", () => sockets.delete(socket))
    // A client that disconnects is not an error.
    socket.on("error", () => socket.destroy())
    sniff(socket, (isHttp2) => (isHttp2 ? http2 : http1).emit("connection", socket))
  })
  await start(server, port)
  const close = async (): Promise<void> => {
    const ended = new Promise<void>((resolve) => server.close(() => resolve()))
    for (const socket of sockets) socket.destroy()
    http1.close()
    http2.close()
    await ended
  }
  return { url: urlOf(server), close }
}

/** The start of every HTTP/2 connection: https://www.rfc-editor.org/rfc/rfc9113#section-3.4 */
const preface = Buffer.from("PRI")

const sniff = (socket: Socket, decide: (isHttp2: boolean) => void): void => {
  let start = Buffer.alloc(0)
  const read = (bytes: Buffer): void => {
    start = Buffer.concat([start, bytes])
    const undecided =
      start.length < preface.length && preface.subarray(0, start.length).equals(start)
    if (undecided) return
    socket.off("data", read)
    socket.pause()
    socket.unshift(start)
    decide(start.subarray(0, preface.length).equals(preface))
    process.nextTick(() => socket.resume())
  }
  socket.on("data", read)
}

const start = (server: Server, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once("error", reject)
    server.listen(port, "127.0.0.1", () => {
      server.off("error", reject)
      resolve()
    })
  })

const urlOf = (server: Server): string => {
  const address: AddressInfo | string | null = server.address()
  if (address === null || typeof address === "string")
    throw new Error("The emulator's server has no port")
  return `http://127.0.0.1:${address.port}`
}
