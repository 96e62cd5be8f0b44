import { checkNames, deliver, never, pause } from "@pictor/emulator-kit"
import { type HttpHandler, HttpResponse, http } from "msw"
import { type BackendOptions, createBackend } from "./backend.ts"
import type { Delivered } from "./delivery.ts"
import { backendOptions } from "./option-names.ts"
import { routeOf } from "./route.ts"

/**
 * The emulator as msw handlers, for every regional Bedrock Runtime endpoint.
 * msw sees neither HTTP/2 nor undici: set `requestHandler: new NodeHttpHandler()` on the client.
 *
 * @example
 * const requests: RecordedRequest[] = []
 * const server = setupServer(...bedrockHandlers({ requests }))
 * server.listen({ onUnhandledFrame: "error" })
 */
export const bedrockHandlers = (options: BackendOptions = {}): HttpHandler[] => {
  checkNames("bedrockHandlers", options, backendOptions)
  const backend = createBackend(options)
  const resolve = async ({ request }: { readonly request: Request }): Promise<Response> => {
    const route = routeOf(new URL(request.url).pathname)
    if (route === undefined) return HttpResponse.error()
    const body = new Uint8Array(await request.arrayBuffer())
    const delivered = await backend({
      ...route,
      headers: Object.fromEntries(request.headers),
      body,
    })
    // The caller has disconnected.
    return toResponse(delivered, request.signal).catch(() => HttpResponse.error())
  }
  return endpoints.map((endpoint) => http.post(endpoint, resolve))
}

const endpoints = [
  "https://bedrock-runtime.*.amazonaws.com/model/:id/invoke",
  "https://bedrock-runtime.*.amazonaws.com/model/:id/invoke-with-response-stream",
  "https://bedrock-runtime.*.amazonaws.com/model/:id/converse",
]

const toResponse = async (
  { answer, delivery }: Delivered,
  signal: AbortSignal,
): Promise<Response> => {
  await pause(delivery.waitMs, signal)
  if (delivery.kind === "never") return never(signal)
  if (delivery.kind === "cut") return HttpResponse.error()
  const pieces = deliver(answer.body, delivery, signal)
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const piece = await pieces.next()
      if (piece.done === true) controller.close()
      else controller.enqueue(piece.value)
    },
  })
  return new HttpResponse(body, { status: answer.status, headers: { ...answer.headers } })
}
