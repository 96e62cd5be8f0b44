import type { BedrockRuntimeClient } from "@aws-sdk/client-bedrock-runtime"
import type { JsonObject } from "@pictor/core"
import type { Guardrail } from "./options.ts"
import type { HttpAnswer, SendOptions } from "./types.ts"

/** The body with the guardrail, which Converse takes as a field and InvokeModel as headers. */
export const toConverseBody = (body: JsonObject, guardrail: Guardrail | undefined): JsonObject =>
  guardrail === undefined
    ? body
    : {
        ...body,
        guardrailConfig: {
          guardrailIdentifier: guardrail.id,
          guardrailVersion: guardrail.version,
          ...(guardrail.trace && { trace: guardrail.trace.toLowerCase() }),
        },
      }

interface ConverseCall {
  readonly modelId: string
  /** The JSON that Converse takes, with pictures as base64. */
  readonly body: Uint8Array
}

// The SDK reads it in place of the reply.
const noReply = new TextEncoder().encode("{}")

/**
 * Sends a body with ConverseCommand and returns the JSON of the reply. Body and reply do not pass
 * through the SDK's shapes: both have pictures as base64, and the SDK would decode and encode each
 * picture again.
 */
export const converse = async (
  client: BedrockRuntimeClient,
  { modelId, body }: ConverseCall,
  send: SendOptions,
): Promise<Uint8Array> => {
  const { ConverseCommand } = await import("@aws-sdk/client-bedrock-runtime")
  const command = new ConverseCommand({ modelId, messages: [] })
  let reply: Uint8Array = noReply
  command.middlewareStack.add(
    (next) => (args) => {
      const request = args.request as { body: unknown; headers: Record<string, string> }
      request.body = body
      request.headers["content-type"] = "application/json"
      request.headers["content-length"] = String(body.byteLength)
      return next(args)
    },
    { step: "build", name: "converseBody" },
  )
  command.middlewareStack.add(
    (next) => async (args) => {
      const handled = await next(args)
      const answer = handled.response as HttpAnswer
      if (answer.statusCode !== 200) return handled
      reply = await bytesOf(answer.body, client)
      return { ...handled, response: { ...answer, body: noReply } }
    },
    { step: "deserialize", priority: "low", name: "converseReply" },
  )
  await client.send(command, send)
  return reply
}

/** A request handler from the options answers with a stream. */
const bytesOf = async (body: unknown, { config }: BedrockRuntimeClient): Promise<Uint8Array> =>
  body instanceof Uint8Array ? body : config.streamCollector(body)
