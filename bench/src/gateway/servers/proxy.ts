import { Agent, request as ask, createServer } from "node:http"

/** `proxy.ts PORT UPSTREAM`: relays bytes in both directions. */
const [port = "", upstream = ""] = process.argv.slice(2)
const { hostname, port: upstreamPort } = new URL(upstream)
const agent = new Agent({ keepAlive: true })

createServer((request, response) => {
  const { method, url: path, headers } = request
  const passed = ask({ hostname, port: upstreamPort, method, path, headers, agent }, (reply) => {
    response.writeHead(reply.statusCode ?? 502, reply.headers)
    reply.pipe(response)
  })
  passed.on("error", () => response.destroy())
  request.pipe(passed)
}).listen(Number(port), "127.0.0.1")
