import { type ImageAdapter, isImageError, type JsonObject } from "@pictor/core"
import { decodedOf, type Reply, type TransportCall } from "@pictor/core/adapter"
import { clientOf } from "./client.ts"
import type { Context, ExampleReply } from "./contract.ts"
import { toBase64 } from "./png.ts"
import { jsonReply, replyOf, textOf } from "./provider.ts"
import { requestWith, type Subject } from "./subject.ts"

/** The delivered reply to a call as JSON, and its images as base64 texts. */
export const deliveredTo = async (
  context: Context,
  call: TransportCall,
  count: number,
): Promise<{ json: unknown; images: readonly string[] }> => {
  const reply = await context.deliver(call)
  const json: unknown = JSON.parse(textOf(reply))
  const adapter = context.contract.create({ name: "contract", invoke: context.deliver })
  const content = withFiles(structuredClone(json), reply)
  return { json, images: base64Of(adapter.decode(content, count)) }
}

/** JSON with the files of its reply in place of their URLs. */
const withFiles = (json: unknown, { files = {} }: Reply): unknown => {
  for (const [path, bytes] of Object.entries(files)) {
    const keys = path.split(".")
    const last = keys.pop() ?? ""
    const parent = keys.reduce<unknown>((each, key) => (each as JsonObject)[key], json)
    ;(parent as Record<string, unknown>)[last] = { bytes }
  }
  return json
}

/** The delivered images of a reply as base64 texts. */
export const base64Of = (decoded: ReturnType<ImageAdapter["decode"]>): readonly string[] =>
  decodedOf(decoded).outcomes.flatMap((outcome) => {
    if (outcome.status !== "delivered") return []
    const { data } = outcome
    if (typeof data === "string") return [data]
    return ["bytes" in data ? toBase64(data.bytes) : new TextDecoder().decode(data.base64)]
  })

/** The first call for `n` images of the example. */
export const firstCall = async (
  context: Context,
  subject: Subject,
  n: number,
): Promise<TransportCall> => {
  const calls: TransportCall[] = []
  const client = clientOf(context, subject, (call) => {
    calls.push(call)
    return context.deliver(call)
  })
  await client.generate(requestWith(subject, { n })).catch((error: unknown) => {
    if (!isImageError(error)) throw error
  })
  const [call] = calls
  if (call === undefined)
    throw new Error(`${subject.label}: the adapter did not call its transport`)
  return call
}

/** An example reply to a call for `count` images. */
export const exampleReply = async (
  context: Context,
  example: ExampleReply,
  call: TransportCall,
  count: number,
): Promise<Reply> => {
  const body =
    typeof example === "function"
      ? example(call, (await deliveredTo(context, call, count)).images)
      : example
  if (isImageError(body)) throw body
  return body instanceof Uint8Array ? replyOf(body) : jsonReply(body satisfies JsonObject)
}

/** The example that a clause needs, or an error that names it. */
export const needed = (
  example: ExampleReply | undefined,
  name: "filtered" | "partial",
): ExampleReply => {
  if (example === undefined)
    throw new Error(
      `Give outcomes.${name}, a reply as the provider sends it, or skip this clause with a reason.`,
    )
  return example
}
