import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { text } from "node:stream/consumers"

interface Reply {
  readonly status: number
  readonly type?: string
}

/** Bedrock's failures and an invalid reply. */
const replies: readonly Reply[] = [
  { status: 400, type: "ValidationException" },
  { status: 403, type: "AccessDeniedException" },
  { status: 404, type: "ResourceNotFoundException" },
  { status: 424, type: "ModelErrorException" },
  { status: 429, type: "ThrottlingException" },
  { status: 500, type: "InternalServerException" },
  { status: 418 },
  { status: 200 },
]

type Answer = (request: string, headers: string, response: ServerResponse) => void

/** A server that answers by a function. */
const startServer = async (answer: Answer) => {
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> =>
    answer(await text(request), JSON.stringify(request.headers), response)
  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const { port } = server.address() as AddressInfo
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return { url: `http://127.0.0.1:${port}`, close }
}

/** A provider that fails in each way and echoes the request every time. */
export const startEchoing = async () => {
  let count = 0
  const server = await startServer((request, headers, response) => {
    const { status, type } = replies[count++ % replies.length] ?? { status: 500 }
    const said = `${headers} ${request}`
    response.writeHead(status, {
      "content-type": "application/json",
      ...(type && { "x-amzn-errortype": type }),
    })
    response.end(
      JSON.stringify({ message: said, error: said, images: [said], error_description: said }),
    )
  })
  return { ...server, ways: replies.length }
}

/** A trace collector. */
export const startCollector = async () => {
  const traces: string[] = []
  const server = await startServer((request, _, response) => {
    traces.push(request)
    response.setHeader("content-type", "application/json").end("{}")
  })
  return { ...server, traces }
}
