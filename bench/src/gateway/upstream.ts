import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import type { Setting } from "./messages.ts"
import { type Family, replyOf, sizes } from "./replies.ts"

/** Bedrock's stand-in: prepared replies over HTTP/1.1. */
const ready = (family: Family): ReadonlyMap<string, Buffer> =>
  new Map(sizes.map((size) => [size, replyOf(family, size)]))

const replies: Readonly<Record<Family, ReadonlyMap<string, Buffer>>> = {
  nova: ready("nova"),
  sd3: ready("sd3"),
}

let setting: Setting = { size: "50 KB", latencyMs: 0 }

const server = createServer((request, response) => {
  const { size, latencyMs } = setting
  const reply = replies[request.url?.includes("nova") ? "nova" : "sd3"].get(size)
  const headers = {
    "content-type": "application/json",
    "content-length": reply?.length,
    "x-amzn-requestid": "00000000-0000-4000-8000-000000000000",
  }
  const answer = (): void => void response.writeHead(200, headers).end(reply)
  request.resume()
  request.on("end", () => (latencyMs === 0 ? answer() : setTimeout(answer, latencyMs)))
})
server.keepAliveTimeout = 0

process.on("message", (next: Setting) => {
  setting = next
  process.send?.("set")
})
process.on("disconnect", () => process.exit())
server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port))
