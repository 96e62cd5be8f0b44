import { createServer as createHttp1Server, type IncomingMessage } from "node:http"
import { createServer as createHttp2Server } from "node:http2"
import { type AddressInfo, createServer } from "node:net"
import { drawPicture } from "./picture.ts"

/**
 * A separate process with a prepared reply, over HTTP/1.1 and HTTP/2 without TLS on one port. GET
 * answers the picture itself, and POST /links a reply with the picture's URL.
 */
const { reply, png } = drawPicture()

const headers = {
  "content-type": "application/json",
  "content-length": String(reply.length),
  "x-amzn-requestid": "00000000-0000-4000-8000-000000000000",
}

const answerOf = ({ method, url, headers: { host } }: IncomingMessage): Buffer => {
  if (method === "GET") return png
  if (url !== "/links") return reply
  return Buffer.from(JSON.stringify({ images: [{ url: `http://${host}/picture.png` }] }))
}

const http1 = createHttp1Server((request, answer) => {
  request.resume()
  request.on("end", () => {
    const body = answerOf(request)
    answer.writeHead(200, { ...headers, "content-length": String(body.length) }).end(body)
  })
})

const http2 = createHttp2Server()
http2.on("stream", (stream) => {
  stream.on("error", () => stream.destroy())
  stream.resume()
  stream.on("end", () => {
    stream.respond({ ":status": 200, ...headers })
    stream.end(reply)
  })
})

const server = createServer((socket) => {
  socket.on("error", () => socket.destroy())
  socket.once("data", (first: Buffer) => {
    socket.pause()
    socket.unshift(first)
    const isHttp2 = first.toString("latin1", 0, 3) === "PRI"
    ;(isHttp2 ? http2 : http1).emit("connection", socket)
    process.nextTick(() => socket.resume())
  })
})

server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port))
process.on("disconnect", () => process.exit())
