import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { bedrock } from "@pictor/bedrock"
import { undiciHandler } from "@pictor/bedrock/undici"
import { createPictor, memoryLedger } from "@pictor/core"
import { novaCanvas } from "@pictor/nova-canvas"
import { openaiHttp } from "@pictor/openai-http"
import { sd3 } from "@pictor/sd3"
import { credentials, region } from "../../clients.ts"

/** `stand-in.ts PORT UPSTREAM`: the parts that every host of `openaiHttp` has, and no more: a key, the client with its ledger, the lean handler. */
const [port = "", upstream = ""] = process.argv.slice(2)
const transport = bedrock({ region, credentials, endpoint: upstream, requestHandler: undiciHandler({ connections: 256 }) })
const pictor = createPictor({ adapters: [novaCanvas(transport), sd3(transport)], ledger: memoryLedger() })
const openai = openaiHttp({ pictor })

const textOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
  if (request.headers.authorization !== "Bearer sk-bench") return void response.writeHead(401).end()
  const headers = { "content-type": request.headers["content-type"] ?? "" }
  const asked = new Request(`http://127.0.0.1${request.url}`, { method: "POST", headers, body: await textOf(request) })
  const answer = await openai.respond(asked, { account: { key: "bench" } })
  response.writeHead(answer.status, answer.headers)
  for await (const part of answer.parts) response.write(part)
  response.end()
}

createServer((request, response) => void serve(request, response)).listen(Number(port), "127.0.0.1")
