import type { JsonObject } from "@pictor/emulator-kit"
import { chunkEvent } from "./eventstream.ts"
import type { Failure } from "./faults/failures.ts"

/** A complete HTTP answer. */
export type Answer = {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

type ErrorDetails = { readonly modelId?: string; readonly retryAfterSeconds?: number | undefined }

/** An error in Bedrock's form. Without a type it has no error type header. */
export const errorAnswer = (
  requestId: string,
  { status, type, message }: Omit<Failure, "type"> & { readonly type: string | undefined },
  { modelId = "", retryAfterSeconds }: ErrorDetails = {},
): Answer => {
  const extra =
    type === "ModelErrorException" ? { originalStatusCode: 500, resourceName: modelId } : {}
  return answer(
    status,
    Buffer.from(JSON.stringify({ message: message.replace("{model}", modelId), ...extra })),
    {
      "content-type": "application/json",
      "x-amzn-requestid": requestId,
      // A type goes out with the name space that Bedrock adds to it.
      ...(type === undefined
        ? {}
        : { "x-amzn-errortype": `${type}:http://internal.amazon.com/coral/com.amazon.bedrock/` }),
      ...(retryAfterSeconds === undefined ? {} : { "retry-after": String(retryAfterSeconds) }),
    },
  )
}

/** A model's reply, as JSON or as an event stream. A broken one is JSON that ends in the middle. */
export const replyAnswer = (
  requestId: string,
  reply: JsonObject,
  { streaming, broken }: { readonly streaming: boolean; readonly broken: boolean },
): Answer => {
  const whole = Buffer.from(JSON.stringify(reply))
  const json = broken ? whole.subarray(0, Math.floor(whole.length / 2)) : whole
  return answer(200, streaming ? chunkEvent(json) : json, {
    "content-type": streaming ? "application/vnd.amazon.eventstream" : "application/json",
    "x-amzn-requestid": requestId,
  })
}

const answer = (status: number, body: Uint8Array, headers: Answer["headers"]): Answer => ({
  status,
  headers: { ...headers, "content-length": String(body.length) },
  body,
})

/** The answer of a proxy between the caller and Bedrock. */
export const gatewayAnswer: Answer = answer(
  502,
  Buffer.from(
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body><h1>502 Bad Gateway</h1></body>\r\n</html>\r\n",
  ),
  { "content-type": "text/html" },
)

/** Bedrock's answer to an unknown path or method. */
export const unknownOperation: Answer = answer(
  404,
  Buffer.from(JSON.stringify({ message: "Unknown operation" })),
  {
    "content-type": "application/json",
    "x-amzn-errortype": "UnknownOperationException",
  },
)
