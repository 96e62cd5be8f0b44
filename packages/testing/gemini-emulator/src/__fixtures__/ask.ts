import { at, isJsonObject, type JsonObject, textAt } from "@pictor/emulator-kit"
import type { GeminiEmulator } from "../emulator.ts"
import { listAt } from "../request.ts"

export const newest = "gemini-nano-banana-2.1"

export const prompt = "Sri lanka tea plantation."

export type Reply = { readonly status: number; readonly body: JsonObject }

type Asking = {
  readonly model?: string
  /** The path before the model's id. */
  readonly path?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** Sends a body to generateContent, as any client does. */
export const ask = async (
  { url }: Pick<GeminiEmulator, "url">,
  body: object,
  { model = newest, path = "/v1beta/models", headers = { "x-goog-api-key": "any" } }: Asking = {},
): Promise<Reply> => {
  const reply = await fetch(`${url}${path}/${model}:generateContent`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  })
  const parsed: unknown = await reply.json()
  return { status: reply.status, body: isJsonObject(parsed) ? parsed : {} }
}

/** A body with a text, and a configuration. */
export const words = (generationConfig: object = {}, text = prompt): object => ({
  contents: [{ role: "user", parts: [{ text }] }],
  generationConfig,
})

/** The configuration of a small picture without words. */
export const small = { responseModalities: ["IMAGE"], imageConfig: { imageSize: "512" }, seed: 7 }

export const partsOf = ({ body }: Reply): readonly unknown[] =>
  listAt(listAt(body, "candidates")[0], "content", "parts")

/** The pictures that are no thoughts, as bytes. */
export const picturesOf = (reply: Reply): readonly Buffer[] =>
  partsOf(reply)
    .filter((part) => at(part, "thought") !== true && at(part, "inlineData") !== undefined)
    .map((part) => Buffer.from(textAt(part, "inlineData", "data") ?? "", "base64"))

export const finishReason = ({ body }: Reply): unknown =>
  at(listAt(body, "candidates")[0], "finishReason")
