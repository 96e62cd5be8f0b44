import { type ImageError, isImageError } from "@pictor/core"
import type { Reply, TransportCall } from "@pictor/core/adapter"
import type { TransportContext } from "./contract.ts"
import { answer, type KitServer, type Respond } from "./server.ts"

/** The limit for a transport that does not end a call. */
const patienceMs = 10_000

/** The result of a call that has to end soon. */
export const within = async <Out>(promise: Promise<Out>, label: string): Promise<Out> => {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error(`${label}: it did not end`)), patienceMs)
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

/** The error of a call, which has to be an `ImageError`. */
export const failureOf = async (
  { expect }: TransportContext,
  promise: Promise<unknown>,
  label: string,
): Promise<ImageError> => {
  const error: unknown = await within(
    promise.then(
      () => undefined,
      (thrown: unknown) => thrown,
    ),
    label,
  )
  expect(isImageError(error), `${label}: rejects with an ImageError`).toBe(true)
  return error as ImageError
}

/** What decides about retries and money. */
export const verdictOf = ({ code, retryable, maybeBilled }: ImageError) => ({
  code,
  retryable,
  maybeBilled,
})

export const bytesOf = ({ body }: Reply): Buffer =>
  Buffer.concat(body instanceof Uint8Array ? [body] : [...body])

export const never: Respond = () => {}

/** A server and a transport that calls it. */
export const open = async (
  { serve, connect }: TransportContext,
  respond: Respond,
  setup: { readonly timeoutMs?: number; readonly maxReplyBytes?: number } = {},
) => {
  const server = await serve(respond)
  const transport = connect({ url: server.url, ...setup })
  return { server, invoke: (call: TransportCall) => transport.invoke(call), transport }
}

export const count = ({ requests }: KitServer, method: string): number =>
  requests.filter((request) => request.method === method).length

export const ok = answer(200, {})
