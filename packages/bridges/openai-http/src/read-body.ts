import { type Outcome, refusal } from "./fault.ts"
import { fieldsOfForm } from "./form.ts"
import { partsOf } from "./multipart.ts"
import type { Asking } from "./types.ts"
import { excess, type Fields, isFields } from "./values.ts"

/** A request body in its fields. */
export interface Body {
  readonly fields: Fields
  /** A form has texts for all values. */
  readonly form: boolean
}

const tooLarge = (limit: number) =>
  refusal(
    413,
    "request_too_large",
    `The request body is larger than the ${limit} bytes that this server takes. Send fewer or smaller images.`,
  )

const withoutBody = () =>
  refusal(
    400,
    "invalid_body",
    "The request body is empty. Send a JSON object with a model and a prompt.",
  )

const abandoned = () =>
  refusal(400, "invalid_body", "The request body could not be read to its end.")

const within = (bytes: Uint8Array, limit: number): Outcome<Uint8Array> => {
  if (bytes.byteLength > limit) return tooLarge(limit)
  return bytes.byteLength === 0 ? withoutBody() : { value: bytes }
}

/** Reads the bytes, counting: no more than the limit is ever held. */
const readBytes = async (request: Asking, limit: number): Promise<Outcome<Uint8Array>> => {
  const announced = Number(request.headers.get("content-length") ?? 0)
  if (announced > limit) return tooLarge(limit)
  if (!request.body || request.bodyUsed) return withoutBody()
  const chunks: Uint8Array[] = []
  let length = 0
  const reader = request.body.getReader()
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      length += next.value.byteLength
      if (length > limit) {
        reader.cancel().catch(() => undefined)
        return tooLarge(limit)
      }
      chunks.push(next.value)
    }
  } catch {
    return abandoned()
  }
  const bytes = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.byteLength
  }
  return within(bytes, limit)
}

const checked = (fields: unknown, form: boolean): Outcome<Body> => {
  if (!isFields(fields))
    return refusal(
      400,
      "invalid_json",
      "The request body must be a JSON object with a model and a prompt.",
    )
  const why = excess(fields)
  return why === undefined
    ? { value: { fields, form } }
    : refusal(400, "invalid_body", `The request body is refused: ${why}.`)
}

const decoder = new TextDecoder("utf-8", { fatal: true })

const readJson = (bytes: Uint8Array): Outcome<Body> => {
  let fields: unknown
  try {
    fields = JSON.parse(decoder.decode(bytes))
  } catch {
    return refusal(400, "invalid_json", "The request body is not valid JSON in UTF-8.")
  }
  return checked(fields, false)
}

const readForm = (bytes: Uint8Array, type: string): Outcome<Body> => {
  try {
    const fields = fieldsOfForm(partsOf(bytes, type))
    if (fields) return checked(fields, true)
    return refusal(
      400,
      "invalid_multipart",
      "A field of the form is given both as a value and as an object, or has too long a name.",
    )
  } catch {
    return refusal(
      400,
      "invalid_multipart",
      "The request body is not a valid multipart/form-data form. Let the HTTP client write its boundary.",
    )
  }
}

/** How a body is read. */
export interface BodyReading {
  /** In bytes. */
  readonly limit: number
  /** May it be a multipart form too? */
  readonly forms: boolean
  /** The body, where it was read before. */
  readonly body: Uint8Array | undefined
}

/** The fields of a JSON body, or of a multipart form. */
export const readBody = async (
  request: Asking,
  { limit, forms, body }: BodyReading,
): Promise<Outcome<Body>> => {
  const type = request.headers.get("content-type") ?? ""
  const essence = type.split(";")[0]?.trim().toLowerCase() ?? ""
  const isForm = forms && essence === "multipart/form-data"
  if (!isForm && essence !== "application/json")
    return refusal(
      415,
      "unsupported_media_type",
      `The content type must be application/json${forms ? " or multipart/form-data" : ""}.`,
    )
  const encoding = request.headers.get("content-encoding") ?? "identity"
  if (encoding.toLowerCase() !== "identity")
    return refusal(
      415,
      "unsupported_content_encoding",
      "The request body must not be compressed: send it without content-encoding.",
    )
  const { value: bytes, problem } = body ? within(body, limit) : await readBytes(request, limit)
  if (problem) return { problem }
  return isForm ? readForm(bytes, type) : readJson(bytes)
}
