import type { HttpHandler } from "@smithy/core/protocols"
import { createHttpSender } from "./http.ts"
import type { BedrockOptions } from "./options.ts"
import { limitBody } from "./reply-limit.ts"
import type { Attempt, SendObserver, SendOptions } from "./types.ts"

/**
 * The request handler of the SDK's clients. It records on the attempt whether the request was sent
 * and what was answered. A handler from the options does not report when it sends, so its requests
 * count as sent from the start. Requests without an attempt, such as those to STS, are only passed
 * on.
 */
export const createRequestHandler = ({
  requestHandler,
  ...options
}: Pick<
  BedrockOptions,
  "requestHandler" | "connections" | "dispatcher" | "maxReplyBytes"
>): HttpHandler => {
  const sender = createHttpSender(options)
  return {
    metadata: requestHandler?.metadata ?? { handlerProtocol: "http/1.1" },
    destroy: () => (requestHandler ? requestHandler.destroy?.() : sender.close()),
    updateHttpClientConfig: (key, value) => requestHandler?.updateHttpClientConfig?.(key, value),
    httpHandlerConfigs: () => requestHandler?.httpHandlerConfigs?.() ?? {},
    handle: async (request, settings = {}) => {
      const { attempt } = settings as Partial<SendOptions>
      if (attempt?.answer) return { response: attempt.answer }
      if (attempt) {
        attempt.signed = true
        attempt.request = request
      }
      const observer = attempt && observerOf(attempt)
      if (!requestHandler) return { response: await sender.send(request, settings, observer) }
      if (!(settings as Partial<SendOptions>).abortSignal?.aborted) observer?.sent()
      const handled = await requestHandler.handle(request, settings)
      observer?.answered(handled.response)
      const { maxReplyBytes } = options
      const limits = { maxReplyBytes, ordered: observer?.maxReplyBytes }
      handled.response.body = limitBody(handled.response, limits)
      return handled
    },
  }
}

const observerOf = (attempt: Attempt): SendObserver => ({
  maxReplyBytes: attempt.maxReplyBytes,
  sent: () => {
    attempt.sent = true
  },
  answered: ({ statusCode, headers }) => {
    attempt.status = statusCode
    attempt.headers = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
    )
  },
})
