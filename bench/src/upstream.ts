import { createServer as createHttp1Server } from "node:http"
import { createServer as createHttp2Server } from "node:http2"
import { type AddressInfo, createServer } from "node:net"
import { drawPicture } from "./picture.ts"

/** A separate process with a prepared reply, over HTTP/1.1 and HTTP/2 without TLS on one port. */
const { reply } = drawPicture()

const headers = {
  "content-type": "application/json",
  "content-length": String(reply.length),
  "x-amzn-requestid": "00000000-0000-4000-8000-000000000000",
}

const http1 = createHttp1Server((request, answer) => {
  request.resume()
  request.on("end", () => answer.writeHead(200, headers).end(reply))
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
