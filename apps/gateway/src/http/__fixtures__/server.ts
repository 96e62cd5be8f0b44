import { connect, type Socket, type SocketConstructorOpts } from "node:net"
import type { HttpRequest, HttpResponse, OpenaiHttp, RequestContext } from "@pictor/openai-http"
import type { ServerDependencies } from "../../dependencies.ts"
import { createLog } from "../../observability/log.ts"
import { createMetrics } from "../../observability/metrics.ts"
import type { Caller } from "../../types.ts"
import { createRooms } from "../admission.ts"
import { createListener } from "../app.ts"
import { createHealth } from "../health.ts"
import { listen } from "../listen.ts"
import { defaultSettings, type ServerSettings } from "../settings.ts"

export const anyone: Caller = { kind: "anyone", account: {}, tags: {}, models: [], aliases: {} }

type Respond = (request: HttpRequest, context: RequestContext) => Promise<HttpResponse>

export const json = (value: unknown, status = 200): HttpResponse => {
  const body = Buffer.from(JSON.stringify(value))
  return {
    status,
    headers: { "content-type": "application/json", "content-length": String(body.byteLength) },
    parts: [body],
  }
}

const bridgeOf = (respond: Respond): OpenaiHttp => ({
  respond: (request, context = {}) => respond(request, context),
  fetch: async (request, context = {}) => {
    const { status, headers, parts } = await respond(request, context)
    return new Response(Array.isArray(parts) ? Buffer.concat(parts) : null, { status, headers })
  },
})

export type World = Partial<Omit<ServerDependencies, "settings" | "bridge">> & {
  readonly settings?: Partial<ServerSettings>
  readonly respond?: Respond
}

/** A server on a free port whose bridge is `respond`. */
export const startServer = async ({
  respond = async () => json({ ok: true }),
  settings,
  ...world
}: World = {}) => {
  const whole = { ...defaultSettings, port: 0, ...settings }
  const rooms = createRooms(whole)
  const admission = world.admission ?? rooms.admission
  const lines: Record<string, unknown>[] = []
  const now = (): number => performance.timeOrigin + performance.now()
  const health = createHealth({
    deployments: [],
    lifecycle: () => "active",
    database: async () => undefined,
    now,
  })
  const log = createLog({
    level: "debug",
    to: { write: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>) },
  })
  let count = 0
  const dependencies: ServerDependencies = {
    version: "0.0.0",
    isOpen: false,
    authenticate: async () => anyone,
    health,
    metrics: createMetrics(admission, now),
    tracing: undefined,
    log,
    now,
    randomId: () => `id-${++count}`,
    cutOff: new AbortController().signal,
    stopReceiving: new AbortController().signal,
    draining: () => false,
    ...rooms,
    ...world,
    admission,
    settings: whole,
    bridge: bridgeOf(respond),
  }
  const listening = await listen(createListener(dependencies), whole)
  return {
    url: listening.url,
    lines,
    parts: dependencies,
    listening,
    close: () => listening.closed(0),
  }
}

export type TestServer = Awaited<ReturnType<typeof startServer>>

/** A raw connection. */
export const openSocket = (
  url: string,
  { allowHalfOpen = false }: Pick<SocketConstructorOpts, "allowHalfOpen"> = {},
): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url)
    const socket = connect({ port: Number(port), host: hostname, allowHalfOpen }, () =>
      resolve(socket),
    )
    socket.once("error", reject)
  })

export const post = (
  url: string,
  body: unknown = {},
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> =>
  fetch(`${url}/v1/images/generations`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  })
