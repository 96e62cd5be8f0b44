import { isJsonObject, textAt, textsAt } from "@pictor/emulator-kit"
import { type BackendOptions, createBackend } from "../backend.ts"
import { decoded, type Raw } from "./images.ts"

export type Reply = {
  readonly status: number
  /** The message of an error. */
  readonly message: string | undefined
  readonly images: readonly Raw[]
  readonly mask: Raw | undefined
  readonly text: string
}

/** Sends a body to a new backend, and decodes the reply. */
export const edit = async (
  modelId: string,
  body: object,
  options: BackendOptions = {},
): Promise<Reply> => {
  const { answer } = await createBackend({ seed: 1, ...options })({
    modelId,
    streaming: false,
    headers: { authorization: "Bearer emulated" },
    body: Buffer.from(JSON.stringify(body)),
  })
  const text = new TextDecoder().decode(answer.body)
  const json: unknown = JSON.parse(text)
  const artifacts: unknown = isJsonObject(json) ? json["artifacts"] : undefined
  const images = Array.isArray(artifacts)
    ? artifacts.map((artifact) => textAt(artifact, "base64") ?? "")
    : textsAt(json, "images")
  const mask = textAt(json, "maskImage")
  return {
    status: answer.status,
    message: textAt(json, "message"),
    images: await Promise.all(images.map(decoded)),
    mask: mask === undefined ? undefined : await decoded(mask),
    text,
  }
}

/** The single picture of a reply. */
export const edited = async (
  modelId: string,
  body: object,
  options?: BackendOptions,
): Promise<Raw> => {
  const { images, text } = await edit(modelId, body, options)
  if (images[0] === undefined) throw new Error(`No image in ${text.slice(0, 300)}`)
  return images[0]
}
