import { ImageError } from "@pictor/core"
import type { JsonObject, TransportCall } from "@pictor/core/adapter"

export interface EncodedBody {
  readonly bytes: Uint8Array
  readonly contentType: string
}

/** The body as bytes. Throws for one that is too long, or that a form cannot say. */
export const encodeBody = async (call: TransportCall, maxBytes: number): Promise<EncodedBody> => {
  const encoded =
    call.encoding === "form"
      ? await encodeForm(call.body)
      : {
          bytes: new TextEncoder().encode(JSON.stringify(call.body)),
          contentType: "application/json",
        }
  if (encoded.bytes.length > maxBytes) throw bodyTooLong(call, encoded.bytes.length, maxBytes)
  return encoded
}

const bodyTooLong = (
  { model }: Pick<TransportCall, "model">,
  length: number,
  maxBytes: number,
): ImageError => {
  const [given, limit] = [length, maxBytes].map((bytes) => bytes.toLocaleString("en-US"))
  const message = `has ${given} bytes, but at most ${limit} are sent`
  return new ImageError({
    code: "invalid_request",
    message: `The body for ${model} ${message}; send smaller or fewer input images`,
    issues: [
      {
        code: "invalid_request",
        path: "body",
        message,
        given: length,
        allowed: `at most ${limit} bytes`,
        remedy: "set maxBodyBytes of http()",
      },
    ],
  })
}

/** The platform writes the form, with the boundary and the escapes that its standard asks for. */
const encodeForm = async (body: JsonObject): Promise<EncodedBody> => {
  const form = new FormData()
  for (const [name, value] of Object.entries(body)) append(form, name, value)
  const response = new Response(form)
  return {
    bytes: new Uint8Array(await response.arrayBuffer()),
    contentType: response.headers.get("content-type") ?? "multipart/form-data",
  }
}

/**
 * A list repeats its name. The fields of an object are `name[field]`. Null and undefined are left
 * out.
 */
const append = (form: FormData, name: string, value: unknown): void => {
  if (value === undefined || value === null) return
  if (Array.isArray(value)) {
    for (const each of value) append(form, name, each)
    return
  }
  if (isPicture(value)) {
    form.append(name, pictureOf(value), fileName(name, value.mediaType))
    return
  }
  if (typeof value === "object") {
    for (const [field, each] of Object.entries(value)) append(form, `${name}[${field}]`, each)
    return
  }
  form.append(name, typeof value === "string" ? value : JSON.stringify(value))
}

interface FormPicture {
  readonly base64: string
  readonly mediaType: string
}

const isPicture = (value: unknown): value is FormPicture =>
  typeof value === "object" &&
  value !== null &&
  "base64" in value &&
  "mediaType" in value &&
  typeof value.base64 === "string" &&
  typeof value.mediaType === "string"

const pictureOf = ({ base64, mediaType }: FormPicture): Blob =>
  new Blob([Buffer.from(base64, "base64")], { type: mediaType })

/** Servers tell the format by the file name: `image.png`. */
const fileName = (name: string, mediaType: string): string => {
  const stem = name.replaceAll(/[^\w-]/g, "") || "image"
  const ending = /^image\/([a-z0-9]+)/.exec(mediaType)?.[1] ?? "bin"
  return `${stem}.${ending === "jpeg" ? "jpg" : ending}`
}
