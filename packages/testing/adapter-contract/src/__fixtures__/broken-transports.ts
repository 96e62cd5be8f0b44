import { ImageError, isImageError } from "@pictor/core"
import type { Broken } from "./broken.ts"

const bytesOf = (body: Uint8Array | readonly Uint8Array[]): Uint8Array =>
  body instanceof Uint8Array ? body : Uint8Array.from(body.flatMap((chunk) => [...chunk]))

export const brokenTransports: readonly Broken[] = [
  {
    clause: "call-as-planned",
    mistake: "adds to the body",
    parts: () => ({
      wrap: (invoke) => (call) => invoke({ ...call, body: { ...call.body, tracked: true } }),
    }),
  },
  {
    clause: "abort-during",
    mistake: "drops the signal",
    parts: () => ({
      wrap:
        (invoke) =>
        ({ signal: _signal, ...call }) =>
          invoke(call),
    }),
  },
  {
    clause: "error-codes",
    mistake: "retries a failed call",
    parts: () => ({ wrap: (invoke) => (call) => invoke(call).catch(() => invoke(call)) }),
  },
  {
    clause: "error-codes",
    mistake: "makes a new error without the provider's status",
    parts: () => ({
      wrap: (invoke) => (call) =>
        invoke(call).catch((error: unknown) => {
          if (!isImageError(error)) throw error
          const { code, message, retryable, maybeBilled, stage } = error
          throw new ImageError({
            code,
            message,
            retryable,
            maybeBilled,
            ...(stage === undefined ? {} : { stage }),
          })
        }),
    }),
  },
  {
    clause: "error-unreadable",
    mistake: "reads an unreadable reply as empty",
    parts: () => ({
      wrap: (invoke) => async (call) => {
        const reply = await invoke(call)
        try {
          JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytesOf(reply.body)))
          return reply
        } catch {
          return { ...reply, body: new TextEncoder().encode("{}") }
        }
      },
    }),
  },
  {
    clause: "lift-escapes",
    mistake: "changes the reply's text",
    parts: () => ({
      wrap: (invoke) => async (call) => {
        const reply = await invoke(call)
        // Latin-1 keeps invalid UTF-8.
        const text = new TextDecoder("latin1").decode(bytesOf(reply.body))
        return text.includes("\\u")
          ? { ...reply, body: new TextEncoder().encode(text.replaceAll("\\u", "u")) }
          : reply
      },
    }),
  },
  {
    clause: "lift-chunks",
    mistake: "reads the first chunk only",
    parts: () => ({
      wrap: (invoke) => async (call) => {
        const reply = await invoke(call)
        return {
          ...reply,
          body: reply.body instanceof Uint8Array ? reply.body : (reply.body[0] ?? new Uint8Array()),
        }
      },
    }),
  },
  {
    clause: "seed-replay",
    mistake: "rejects the same call twice",
    parts: () => {
      const made = new Set<string>()
      return {
        wrap: (invoke) => async (call) => {
          const key = JSON.stringify(call.body)
          if (made.has(key))
            throw new ImageError({
              code: "invalid_request",
              message: "This image was made before.",
            })
          const reply = await invoke(call)
          if ("seed" in call.body) made.add(key)
          return reply
        },
      }
    },
  },
]
