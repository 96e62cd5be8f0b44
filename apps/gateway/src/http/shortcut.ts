import type { IncomingMessage, ServerResponse } from "node:http"
import type { HttpRequest } from "@pictor/openai-http"
import type { ServerParts } from "../dependencies.ts"
import { traceOf } from "../observability/log.ts"
import { type Followed, follow, tell } from "../observability/observe-request.ts"
import { problems, toAnswer } from "./errors.ts"
import type { Answering } from "./images.ts"
import { send } from "./response.ts"
import { routeOf } from "./routes.ts"

const imagePaths = ["/images/generations", "/images/edits"].flatMap((path) => [path, `/v1${path}`])

const routes: ReadonlyMap<string, string> = new Map(imagePaths.map((path) => [path, routeOf(path)]))

/** Any other is for the whole application to judge. */
const plainHost = /^[a-z\d._-]+(:([1-5]\d{3,4}|[6-9]\d{3}))?$/

/** All values of a header, as a `Request` gives them: Node's own headers forget those that come twice. */
const headerOf = ({ rawHeaders }: IncomingMessage, wanted: string): string | null => {
  const values = rawHeaders.filter((_, at) => {
    const name = at % 2 === 1 ? rawHeaders[at - 1] : undefined
    return name?.length === wanted.length && name.toLowerCase() === wanted
  })
  return values.length === 0 ? null : values.join(", ")
}

const toAsking = (incoming: IncomingMessage, host: string, path: string): HttpRequest => ({
  method: "POST",
  url: `http://${host}${path}`,
  headers: { get: (name) => headerOf(incoming, name) },
})

/** For how long what is left of a refused body is let go by, so that its sender comes to read why. */
const letGoMs = 500

const letGo = (incoming: IncomingMessage): void => {
  const timer = setTimeout(() => incoming.socket.destroySoon(), letGoMs).unref()
  incoming.once("close", () => clearTimeout(timer)).resume()
}

const broken = async (
  { log, settings: { sendMs } }: ServerParts,
  { visit: { id } }: Followed,
  outgoing: ServerResponse,
  thrown: unknown,
) => {
  log.error({ id, ...traceOf(thrown) }, "unforeseen")
  if (outgoing.headersSent) return void outgoing.destroy()
  const answer = toAnswer(problems.broken)
  const headers = [
    ...Object.entries(answer.headers).flat(),
    "x-request-id",
    id,
    "x-litellm-call-id",
    id,
  ]
  await send(outgoing, answer, { headers, sendMs, carry: () => undefined, headOnly: false })
}

/** Takes a request and answers it, or does nothing and says so. */
export type Shortcut = (incoming: IncomingMessage, outgoing: ServerResponse) => boolean

/**
 * The way of images past the application: what it makes of a request, a router's match, a context, `Request` and `Response`, costs more there than all
 * that is done with it, and nothing of it is needed. What is not written as nearly every client writes it goes the long way.
 */
export const createShortcut = (parts: ServerParts, answer: Answering): Shortcut => {
  const serve = async (
    incoming: IncomingMessage,
    outgoing: ServerResponse,
    route: string,
    request: HttpRequest,
  ): Promise<void> => {
    const followed = follow(parts, incoming, request.method, route)
    try {
      await answer({ ...followed, request, incoming, outgoing })
    } catch (thrown) {
      await broken(parts, followed, outgoing, thrown)
    }
    tell(parts, followed, outgoing, outgoing.statusCode)
    if (!incoming.readableEnded && !incoming.destroyed) letGo(incoming)
  }
  return (incoming, outgoing) => {
    const { method, url = "", headers } = incoming
    const route = method === "POST" ? routes.get(url) : undefined
    if (route === undefined || headers.host === undefined || !plainHost.test(headers.host))
      return false
    serve(incoming, outgoing, route, toAsking(incoming, headers.host, url)).catch(
      (thrown: unknown) => {
        parts.log.error(traceOf(thrown), "unforeseen")
        outgoing.destroy()
      },
    )
    return true
  }
}
