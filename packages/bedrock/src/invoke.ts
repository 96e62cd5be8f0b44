import type {
  BedrockRuntimeClient,
  InvokeModelCommandInput,
  ResponseStream,
} from "@aws-sdk/client-bedrock-runtime"
import { ImageError } from "@pictor/core"
import type { Reply, TransportCall } from "@pictor/core/adapter"
import { type Attempt, createAttempt } from "./attempt.ts"
import type { Clients } from "./client.ts"
import { cutShort, isCut, join } from "./collect.ts"
import { type BedrockOptions, defaultTimeoutMs, type Guardrail } from "./options.ts"
import { findRegion } from "./region.ts"
import { type Forms, resend } from "./resend.ts"
import { runAttempt } from "./run.ts"

// https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InvokeModel.html, seen 2026-11-20
const longestBody = 25_000_000

/** Makes one attempt of one call. Throws `ImageError`s only. */
export const invoke = async (
  call: TransportCall,
  options: BedrockOptions,
  clients: Clients,
): Promise<Reply> => {
  const attempt = createAttempt(checkStreaming(call, options))
  const input = toInput(call, options.guardrail)
  const region = await findRegion(options, call.region)
  const client = await clients.get(region)
  const limitMs = options.timeoutMs ?? defaultTimeoutMs
  return runAttempt({
    call,
    region,
    attempt,
    attempts: clients.attempts,
    limitMs,
    step: (signal) => sendByForm(client, clients.forms, input, attempt, signal),
  })
}

const checkStreaming = (call: TransportCall, options: BedrockOptions): boolean => {
  if (!options.stream || call.streaming) return options.stream ?? false
  throw new ImageError({
    code: "unsupported",
    message: `The page of ${call.model} does not name InvokeModelWithResponseStream, only those of SDXL and Titan do; leave out bedrock({ stream })`,
  })
}

type Input = InvokeModelCommandInput & { readonly modelId: string; readonly body: Uint8Array }

const toInput = (call: TransportCall, guardrail: Guardrail | undefined): Input => {
  const body = new TextEncoder().encode(JSON.stringify(call.body))
  if (body.length > longestBody) throw tooLong(call, body.length)
  return {
    modelId: call.modelId,
    contentType: "application/json",
    accept: "application/json",
    body,
    ...(guardrail && { guardrailIdentifier: guardrail.id, guardrailVersion: guardrail.version }),
    ...(guardrail?.trace && { trace: guardrail.trace }),
  }
}

const tooLong = (call: TransportCall, length: number): ImageError => {
  const message = `is ${length} bytes long as JSON; Bedrock takes ${longestBody}`
  return new ImageError({
    code: "invalid_request",
    message: `The request to ${call.model} ${message}; send smaller or fewer input images`,
    issues: [
      {
        code: "invalid_request",
        path: "body",
        message,
        given: length,
        allowed: `at most ${longestBody} bytes`,
      },
    ],
  })
}

/** An error that answers a request that was made from a form is the SDK's to read: it also learns there how far the clock is off. */
const sendByForm = async (
  client: BedrockRuntimeClient,
  forms: Forms,
  input: Input,
  attempt: Attempt,
  abortSignal: AbortSignal,
): Promise<Reply> => {
  const form = attempt.streaming ? undefined : forms.get(client, input.modelId)
  const answer = form && (await resend(client, form, input.body, abortSignal))
  if (answer?.statusCode === 200 && answer.body instanceof Uint8Array)
    return toReply(answer.body, attempt)
  if (answer) attempt.answer = answer
  const reply = await send(client, input, attempt, abortSignal)
  // Whatever becomes of the form, the reply is there.
  if (!form && !attempt.streaming && attempt.request)
    await forms.keep(client, input.modelId, attempt.request).catch(() => {})
  return reply
}

const send = async (
  client: BedrockRuntimeClient,
  input: Input,
  attempt: Attempt,
  abortSignal: AbortSignal,
): Promise<Reply> => {
  const { InvokeModelCommand, InvokeModelWithResponseStreamCommand } = await import(
    "@aws-sdk/client-bedrock-runtime"
  )
  if (!attempt.streaming) {
    const { body } = await client.send(new InvokeModelCommand(input), { abortSignal })
    return toReply(body, attempt)
  }
  const { body } = await client.send(new InvokeModelWithResponseStreamCommand(input), {
    abortSignal,
  })
  const bytes = await joinEvents(body ?? emptyStream())
  if (isCut(attempt.events)) throw cutShort()
  return toReply(bytes, attempt)
}

const joinEvents = async (events: AsyncIterable<ResponseStream>): Promise<Uint8Array> => {
  const parts: Uint8Array[] = []
  for await (const event of events) if (event.chunk?.bytes) parts.push(event.chunk.bytes)
  return join(parts)
}

async function* emptyStream(): AsyncGenerator<ResponseStream> {}

// The SDK hands out the array under a prototype of its own: a plain view on the same bytes goes on.
const toReply = (
  { buffer, byteOffset, byteLength }: Uint8Array,
  { status, headers }: Attempt,
): Reply => {
  const requestId = headers["x-amzn-requestid"]
  return {
    body: new Uint8Array(buffer, byteOffset, byteLength),
    status: status ?? 200,
    headers,
    ...(requestId && { requestId }),
  }
}
