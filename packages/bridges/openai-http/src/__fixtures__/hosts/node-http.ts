import { once } from "node:events"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { openaiHttp } from "@pictor/openai-http"
import { pictor } from "./pictor.ts"

const openai = openaiHttp({ pictor })

const serve = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
  const closed = new AbortController()
  outgoing.once("close", () => closed.abort())
  const method = incoming.method ?? "GET"
  const body = method === "GET" || method === "HEAD" ? null : incoming
  const headers = Object.entries(incoming.headers).map(([name, value]): [string, string] => [
    name,
    String(value),
  ])
  const request = new Request(`http://localhost${incoming.url}`, {
    method,
    headers,
    body,
    duplex: "half",
  } as RequestInit)
  const response = await openai.respond(request, { signal: closed.signal })
  outgoing.writeHead(response.status, response.headers)
  for await (const part of response.parts)
    if (!outgoing.write(part)) await once(outgoing, "drain", { signal: closed.signal })
  outgoing.end()
}

export const server = createServer((incoming, outgoing) => {
  serve(incoming, outgoing).catch(() => outgoing.destroy())
})
