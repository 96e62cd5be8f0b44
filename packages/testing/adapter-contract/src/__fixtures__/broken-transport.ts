import { ImageError, type ImageErrorOptions, isImageError } from "@pictor/core"
import type { Reply, Transport, TransportCall } from "@pictor/core/adapter"
import type { TransportSetup } from "../transport/contract.ts"
import type { TransportClauseId } from "../transport/sentences.ts"
import { minimalTransport } from "./minimal-transport.ts"

export const key = "minimal-key-5f1c77ab"

type Create = (setup: TransportSetup) => Transport

export const minimal: Create = (setup) => minimalTransport({ ...setup, key })

const withInvoke =
  (change: (invoke: Transport["invoke"]) => Transport["invoke"]): Create =>
  (setup) => {
    const transport = minimal(setup)
    return { ...transport, invoke: change(transport.invoke) }
  }

const withCall = (change: (call: TransportCall) => TransportCall): Create =>
  withInvoke((invoke) => (call) => invoke(change(call)))

const withReply = (change: (reply: Reply) => Reply): Create =>
  withInvoke((invoke) => async (call) => change(await invoke(call)))

const fieldsOf = (error: ImageError): ImageErrorOptions => {
  const { code, message, retryable, maybeBilled, status, retryAfterMs } = error
  return {
    code,
    message,
    retryable,
    maybeBilled,
    ...(status !== undefined && { status }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  }
}

type ErrorChange = (error: ImageError) => Partial<ImageErrorOptions>

const withError = (change: ErrorChange): Create =>
  withInvoke(
    (invoke) => (call) =>
      invoke(call).catch((error: unknown) => {
        if (!isImageError(error)) throw error
        throw new ImageError({ ...fieldsOf(error), ...change(error) })
      }),
  )

const only =
  (matches: (error: ImageError) => boolean, change: ErrorChange): ErrorChange =>
  (error) =>
    matches(error) ? change(error) : {}

interface Flaw {
  readonly clauses: readonly TransportClauseId[]
  readonly create: Create
}

/** Transports with one mistake each, and the clauses that it breaks. */
export const flaws: Readonly<Record<string, Flaw>> = {
  "retries by itself": {
    clauses: ["request-once"],
    create: withInvoke(
      (invoke) => (call) =>
        invoke(call).catch((error: unknown) => {
          if (isImageError(error) && error.status === 503) return invoke(call)
          throw error
        }),
    ),
  },
  "adds a field to the body": {
    clauses: ["request-body"],
    create: withCall((call) => ({ ...call, body: { ...call.body, n: 1 } })),
  },
  "loses the last byte of a reply": {
    clauses: ["reply-bytes"],
    create: withReply((reply) => ({
      ...reply,
      body: Buffer.concat([...reply.body] as Buffer[]).subarray(0, -1),
    })),
  },
  "keeps the case of a header": {
    clauses: ["reply-head"],
    create: withReply(({ headers, ...reply }) => ({
      ...reply,
      headers: Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [name.toUpperCase(), value]),
      ),
    })),
  },
  "calls every failure free": {
    clauses: [
      "reply-bound",
      "sent-cut",
      "sent-abort",
      "timeout-own",
      "timeout-call",
      "error-status",
    ],
    create: withError(() => ({ maybeBilled: false })),
  },
  "calls every failure maybe billed": {
    clauses: ["unsent-refused", "unsent-abort", "error-status", "error-html"],
    create: withError(() => ({ maybeBilled: true })),
  },
  "calls every broken connection retryable": {
    clauses: ["sent-cut"],
    create: withError(
      only(
        ({ code }) => code === "unavailable",
        () => ({ retryable: true }),
      ),
    ),
  },
  "calls a proxy's page a failure of the model": {
    clauses: ["error-status", "error-html"],
    create: withError(
      only(
        ({ status }) => status === 502,
        () => ({ code: "provider_failed" }),
      ),
    ),
  },
  "reads no retry-after": {
    clauses: ["error-wait"],
    create: withError(() => ({ retryAfterMs: 0 })),
  },
  "names the key in an error": {
    clauses: ["error-secrets"],
    create: withError(({ message }) => ({ message: `${message} with the key ${key}` })),
  },
  "names the prompt in the cause of an error": {
    clauses: ["error-secrets"],
    create: withInvoke(
      (invoke) => (call) =>
        invoke(call).catch((error: ImageError) => {
          throw Object.assign(error, { cause: new Error(JSON.stringify(call.body)) })
        }),
    ),
  },
  "throws an error of its own": {
    clauses: ["error-status", "error-html", "error-wait", "error-secrets"],
    create: withInvoke(
      (invoke) => (call) =>
        invoke(call).catch((error: unknown) => {
          throw isImageError(error) && error.status !== undefined ? new Error("no") : error
        }),
    ),
  },
}
