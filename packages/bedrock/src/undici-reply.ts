import type { IncomingHttpHeaders } from "node:http"
import type { Dispatcher } from "undici"
import { createCollector } from "./collect.ts"
import { announcedLength } from "./handler.ts"
import type { Answer, Witness } from "./witness.ts"

export const flatHeaders = (headers: IncomingHttpHeaders): Answer["headers"] => {
  const flat: Answer["headers"] = {}
  for (const [name, value] of Object.entries(headers))
    flat[name] = Array.isArray(value) ? value.join(", ") : (value ?? "")
  return flat
}

/** Sends a request and reads its whole reply into one array. Rejects when the signal fires, also while the request waits for a connection. */
export const readWhole = (
  dispatcher: Dispatcher,
  order: Dispatcher.DispatchOptions,
  signal: AbortSignal | undefined,
  witness: Witness | undefined,
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    let controller: Dispatcher.DispatchController | undefined
    let head: Pick<Answer, "statusCode" | "headers"> = { statusCode: 0, headers: {} }
    let collector = createCollector(undefined)
    const abort = (): void => {
      controller?.abort(ended())
      reject(ended())
    }
    const end = (): void => signal?.removeEventListener("abort", abort)
    signal?.addEventListener("abort", abort, { once: true })
    dispatcher.dispatch(order, {
      onRequestStart: (started) => {
        // Thrown here, it costs the request and not the connection.
        if (signal?.aborted) throw ended()
        controller = started
        witness?.sent()
      },
      onResponseStart: (_, statusCode, headers) => {
        head = { statusCode, headers: flatHeaders(headers) }
        witness?.answered(head)
        collector = createCollector(announcedLength(head.headers), true)
      },
      onResponseData: (_, chunk) => collector.take(chunk),
      onResponseEnd: () => {
        end()
        resolve({ ...head, body: collector.bytes() })
      },
      onResponseError: (_, error) => {
        end()
        reject(error)
      },
    })
  })

const ended = (): DOMException => new DOMException("the call was ended", "AbortError")
