import {
  getMultipartBoundary,
  type MultipartPart,
  parseMultipart,
} from "@remix-run/multipart-parser"

/** A field of a form: its name, and its text or file. */
export type Part = readonly [name: string, value: string | Blob]

const mostParts = 1000
const headerBytes = 16_384

// As browsers and clients escape what would end a name: https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#multipart-form-data
const escapes: Readonly<Record<string, string>> = { "%22": '"', "%0D": "\r", "%0A": "\n" }

const nameOf = ({ name }: MultipartPart): string => {
  if (name === undefined) throw new TypeError("A part of the form has no name.")
  return name.replace(/%(?:22|0D|0A)/gi, (found) => escapes[found.toUpperCase()] ?? found)
}

/** A view on the body; who keeps it copies it. */
const isOwn = (chunk: Uint8Array): chunk is Uint8Array<ArrayBuffer> =>
  chunk.buffer instanceof ArrayBuffer

const fileOf = ({ content, mediaType = "" }: MultipartPart): Blob =>
  new Blob(
    content.map((chunk) => (isOwn(chunk) ? chunk : Uint8Array.from(chunk))),
    { type: mediaType },
  )

/** The parts of a multipart form, in their order. Throws where it is none, has no end, or has too many parts or too long a head. */
export const partsOf = (bytes: Uint8Array, contentType: string): readonly Part[] => {
  const boundary = getMultipartBoundary(contentType)?.trim()
  if (!boundary) throw new TypeError("The content type names no boundary.")
  // The body as a whole is bounded where it is read.
  const limits = {
    maxParts: mostParts,
    maxHeaderSize: headerBytes,
    maxFileSize: bytes.byteLength,
    maxTotalSize: bytes.byteLength,
  }
  return Array.from(
    parseMultipart(bytes, { boundary, ...limits }),
    (part): Part => [nameOf(part), part.isFile ? fileOf(part) : part.text],
  )
}
