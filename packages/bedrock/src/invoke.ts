import type {
  BedrockRuntimeClient,
  InvokeModelCommandInput,
  ResponseStream,
} from "@aws-sdk/client-bedrock-runtime"
import { ImageError } from "@pictor/core"
import type { Reply, TransportCall } from "@pictor/core/adapter"
import { runAttempt } from "./attempt.ts"
import type { Clients, RegionalClient } from "./client.ts"
import { converse, toConverseBody } from "./converse.ts"
import { findRegion } from "./endpoint.ts"
import { type BedrockOptions, defaultTimeoutMs, type Guardrail } from "./options.ts"
import { createTemplate } from "./resend.ts"
import type { Attempt, SendOptions } from "./types.ts"

// https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InvokeModel.html, seen
// 2026-11-20.
export const maxBodyBytes = 25_000_000

const maxTemplates = 100

/** Makes one attempt of one call. Throws only `ImageError`. */
export const invoke = async (
  call: TransportCall,
  options: BedrockOptions,
  clients: Clients,
): Promise<Reply> => {
  if (options.stream && !call.streaming) throw noStreaming(call)
  const operation = operationOf(call, options.guardrail)
  const region = await findRegion(options, call.region)
  const limitMs = options.timeoutMs ?? defaultTimeoutMs
  return runAttempt({ call, region, limitMs }, async (send) => {
    const regional = await clients.get(region)
    if (options.stream && operation.stream)
      return toReply(await operation.stream(regional.client, send), send.attempt)
    // Another handler's answer is a stream, which the SDK reads.
    if (options.requestHandler)
      return toReply(await operation.send(regional.client, send), send.attempt)
    return sendByTemplate(regional, operation, send)
  })
}

const noStreaming = ({ model }: TransportCall): ImageError =>
  new ImageError({
    code: "unsupported",
    message: `The page of ${model} does not name InvokeModelWithResponseStream, only those of SDXL and Titan do; leave out bedrock({ stream })`,
  })

/** A call by one of Bedrock's operations. Each resolves to the JSON of the reply. */
interface Operation {
  /** What calls with the same target have in common. */
  readonly target: string
  readonly body: Uint8Array
  send(client: BedrockRuntimeClient, send: SendOptions): Promise<Uint8Array>
  stream?(client: BedrockRuntimeClient, send: SendOptions): Promise<Uint8Array>
}

const operationOf = (call: TransportCall, guardrail: Guardrail | undefined): Operation => {
  const { endpoint, encoding = "json", modelId } = call
  if (encoding !== "json" || (endpoint !== undefined && endpoint !== "converse"))
    throw noSuchOperation(call)
  if (endpoint === undefined) {
    const input = toInput(call, guardrail)
    return {
      target: modelId,
      body: input.body,
      send: (client, send) => invokeModel(client, input, send),
      stream: (client, send) => streamModel(client, input, send),
    }
  }
  const body = toBytes(call, toConverseBody(call.body, guardrail))
  return {
    target: `converse ${modelId}`,
    body,
    send: (client, send) => converse(client, { modelId, body }, send),
  }
}

const noSuchOperation = ({ model, endpoint, encoding = "json" }: TransportCall): ImageError =>
  new ImageError({
    code: "unsupported",
    message: `The card of ${model} names the endpoint ${endpoint ?? "of the transport"} with the encoding ${encoding}, but bedrock() sends JSON to InvokeModel (no endpoint) or Converse ("converse"); correct the card`,
  })

type Input = InvokeModelCommandInput & { readonly modelId: string; readonly body: Uint8Array }

const toInput = (call: TransportCall, guardrail: Guardrail | undefined): Input => ({
  modelId: call.modelId,
  contentType: "application/json",
  accept: "application/json",
  body: toBytes(call, call.body),
  ...(guardrail && { guardrailIdentifier: guardrail.id, guardrailVersion: guardrail.version }),
  ...(guardrail?.trace && { trace: guardrail.trace }),
})

const toBytes = (call: TransportCall, json: TransportCall["body"]): Uint8Array => {
  const body = new TextEncoder().encode(JSON.stringify(json))
  if (body.length > maxBodyBytes) throw bodyTooLong(call, body.length)
  return body
}

const bodyTooLong = (call: TransportCall, length: number): ImageError => {
  const [given, limit] = [length, maxBodyBytes].map((bytes) => bytes.toLocaleString("en-US"))
  const message = `has ${given} bytes as JSON, but Bedrock accepts at most ${limit}`
  return new ImageError({
    code: "invalid_request",
    message: `The body for ${call.model} ${message}; send smaller or fewer input images`,
    issues: [
      {
        code: "invalid_request",
        path: "body",
        message,
        given: length,
        allowed: `at most ${limit} bytes`,
      },
    ],
  })
}

/**
 * The first call of a model goes through the SDK. Its request is the template for the next ones.
 */
const sendByTemplate = async (
  { client, templates }: RegionalClient,
  { target, body, send: sendBySdk }: Operation,
  send: SendOptions,
): Promise<Reply> => {
  const template = templates.get(target)
  if (!template) {
    const reply = toReply(await sendBySdk(client, send), send.attempt)
    const { request } = send.attempt
    // The reply is here; a template that cannot be made must not lose it.
    const created = request && (await createTemplate(client, request).catch(() => undefined))
    if (templates.size >= maxTemplates) templates.clear()
    if (created) templates.set(target, created)
    return reply
  }
  const answer = await template.send(body, send)
  if (answer.statusCode === 200) return toReply(answer.body as Uint8Array, send.attempt)
  // The SDK reads the error, and learns from it how far this machine's clock is off.
  send.attempt.answer = answer
  return toReply(await sendBySdk(client, send), send.attempt)
}

const invokeModel = async (
  client: BedrockRuntimeClient,
  input: Input,
  send: SendOptions,
): Promise<Uint8Array> => {
  const { InvokeModelCommand } = await import("@aws-sdk/client-bedrock-runtime")
  const { body } = await client.send(new InvokeModelCommand(input), send)
  return body
}

const streamModel = async (
  client: BedrockRuntimeClient,
  input: Input,
  send: SendOptions,
): Promise<Uint8Array> => {
  const { InvokeModelWithResponseStreamCommand } = await import("@aws-sdk/client-bedrock-runtime")
  const { body } = await client.send(new InvokeModelWithResponseStreamCommand(input), send)
  return body ? joinEvents(body) : new Uint8Array()
}

const joinEvents = async (events: AsyncIterable<ResponseStream>): Promise<Uint8Array> => {
  const parts: Uint8Array[] = []
  for await (const event of events) if (event.chunk?.bytes) parts.push(event.chunk.bytes)
  return Buffer.concat(parts)
}

/** A plain view of the bytes: the SDK's own class is not part of the contract. */
const toReply = (
  { buffer, byteOffset, byteLength }: Uint8Array,
  { status = 200, headers }: Attempt,
): Reply => {
  const requestId = headers["x-amzn-requestid"]
  return {
    body: new Uint8Array(buffer, byteOffset, byteLength),
    status,
    headers,
    ...(requestId && { requestId }),
  }
}
