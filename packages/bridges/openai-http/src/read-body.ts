import type { JsonObject } from "@pictor/core"
import { ApiError } from "./errors.ts"
import { parseForm } from "./form.ts"
import { exceededBeforeParsing, exceededLimit, isJsonObject } from "./json.ts"
import type { HttpRequest } from "./types.ts"

export interface Body {
  readonly fields: JsonObject
  /** In a form, every value is a string or a file. */
  readonly isForm: boolean
}

const badRequest = (code: string, message: string): ApiError =>
  new ApiError({ status: 400, code, message })

const emptyBody = (): ApiError =>
  badRequest("invalid_body", "The request body is empty. Send a JSON object with model and prompt.")

const bodyTooLarge = (limit: number): ApiError =>
  new ApiError({
    status: 413,
    code: "request_too_large",
    message: `The request body is larger than ${limit.toLocaleString("en")} bytes. Send fewer or smaller images.`,
  })

/** Never holds more than the limit. */
const readBytes = async (request: HttpRequest, limit: number): Promise<Uint8Array> => {
  if (Number(request.headers.get("content-length") ?? 0) > limit) throw bodyTooLarge(limit)
  if (!request.body || request.bodyUsed) throw emptyBody()
  const chunks: Uint8Array[] = []
  let length = 0
  const reader = request.body.getReader()
  const read = () =>
    reader.read().catch(() => {
      throw badRequest("invalid_body", "The request body ended before it was complete.")
    })
  for (let next = await read(); !next.done; next = await read()) {
    length += next.value.byteLength
    if (length > limit) {
      reader.cancel().catch(() => undefined)
      throw bodyTooLarge(limit)
    }
    chunks.push(next.value)
  }
  const bytes = new Uint8Array(length)
  let offset = 0
  for (const chunk of chunks) {
    bytes.set(chunk, offset)
    offset += chunk.byteLength
  }
  return bytes
}

const decoder = new TextDecoder("utf-8", { fatal: true })

const tooMuch = (excess: string): ApiError =>
  badRequest("invalid_body", `The request body has ${excess}.`)

const parseJson = (bytes: Uint8Array): unknown => {
  const invalidJson = () =>
    badRequest("invalid_json", "The request body is not valid JSON in UTF-8.")
  let json: string
  try {
    json = decoder.decode(bytes)
  } catch {
    throw invalidJson()
  }
  const excess = exceededBeforeParsing(json)
  if (excess !== undefined) throw tooMuch(excess)
  try {
    return JSON.parse(json)
  } catch {
    throw invalidJson()
  }
}

const parseFields = (bytes: Uint8Array, contentType: string): JsonObject => {
  try {
    return parseForm(bytes, contentType)
  } catch {
    throw badRequest(
      "invalid_multipart",
      "The request body is not a valid multipart/form-data form. Let your HTTP client set the boundary, of at most 70 characters, send each field either as a value or as an object, and keep field names short.",
    )
  }
}

interface BodyOptions {
  readonly limit: number
  readonly allowForms: boolean
  /** The body, if the host has read it already. */
  readonly bytes: Uint8Array | undefined
}

/** Reads a JSON body or a multipart form. Throws an `ApiError`. */
export const readBody = async (
  request: HttpRequest,
  { limit, allowForms, bytes }: BodyOptions,
): Promise<Body> => {
  const contentType = request.headers.get("content-type") ?? ""
  const mediaType = contentType.split(";")[0]?.trim().toLowerCase() ?? ""
  const isForm = allowForms && mediaType === "multipart/form-data"
  if (!isForm && mediaType !== "application/json")
    throw new ApiError({
      status: 415,
      code: "unsupported_media_type",
      message: `Content-Type must be application/json${allowForms ? " or multipart/form-data" : ""}.`,
    })
  const encoding = request.headers.get("content-encoding") ?? "identity"
  if (encoding.toLowerCase() !== "identity")
    throw new ApiError({
      status: 415,
      code: "unsupported_content_encoding",
      message:
        "Compressed request bodies are not supported. Send the body without Content-Encoding.",
    })
  const body = bytes ?? (await readBytes(request, limit))
  if (body.byteLength > limit) throw bodyTooLarge(limit)
  if (body.byteLength === 0) throw emptyBody()
  const fields = isForm ? parseFields(body, contentType) : parseJson(body)
  const excess = exceededLimit(fields)
  if (excess !== undefined) throw tooMuch(excess)
  if (!isJsonObject(fields))
    throw badRequest(
      "invalid_json",
      "The request body must be a JSON object with model and prompt.",
    )
  return { fields, isForm }
}
