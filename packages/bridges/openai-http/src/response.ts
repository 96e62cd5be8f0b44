import type { Cost, JsonObject } from "@pictor/core"
import type { HttpResponse } from "./types.ts"

type Headers = Readonly<Record<string, string>>

/** Text, or bytes that are passed on without a copy. */
export type Piece = string | Uint8Array

const encoder = new TextEncoder()

/** Joins adjacent strings: each part costs an allocation here and a write in the host. */
export const partsOf = (pieces: readonly Piece[]): readonly Uint8Array[] => {
  const parts: Uint8Array[] = []
  let text = ""
  const flush = (): void => {
    if (text !== "") parts.push(encoder.encode(text))
    text = ""
  }
  for (const piece of pieces)
    if (typeof piece === "string") text += piece
    else {
      flush()
      parts.push(piece)
    }
  flush()
  return parts
}

/** Header values are printable ASCII. */
export const headerText = (text: string): string => text.replace(/[^\x20-\x7e]/g, "?").slice(0, 500)

export const bufferedResponse = (
  pieces: readonly Piece[],
  contentType: string,
  headers: Headers = {},
  status = 200,
): HttpResponse => {
  const parts = partsOf(pieces)
  const length = parts.reduce((sum, { byteLength }) => sum + byteLength, 0)
  return {
    status,
    headers: { "content-type": contentType, "content-length": String(length), ...headers },
    parts,
  }
}

export const jsonResponse = (value: unknown, headers?: Headers, status?: number): HttpResponse =>
  bufferedResponse([JSON.stringify(value)], "application/json", headers, status)

const streamOf = (parts: HttpResponse["parts"]): ReadableStream<Uint8Array> => {
  const chunks = Symbol.asyncIterator in parts ? parts[Symbol.asyncIterator]() : parts.values()
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const next = await chunks.next()
        if (next.done) controller.close()
        else controller.enqueue(next.value)
      },
      async cancel() {
        await chunks.return?.()
      },
    },
    // No part is requested before the reader needs it.
    { highWaterMark: 0 },
  )
}

/** Converts to a `Response` that streams the parts without a copy. */
export const toResponse = ({ status, headers, parts }: HttpResponse): Response => {
  const isEmpty = Array.isArray(parts) && parts.length === 0
  return new Response(isEmpty ? null : streamOf(parts), { status, headers })
}

/** Exact decimal USD: 40000 → "0.04". */
export const usd = (microUsd: number): string => {
  const digits = String(Math.abs(microUsd)).padStart(7, "0")
  const fraction = digits.slice(-6).replace(/0+$/, "")
  return `${microUsd < 0 ? "-" : ""}${digits.slice(0, -6)}${fraction && `.${fraction}`}`
}

/** `usd` is null if the price of an image is unknown: unknown is not 0. */
export const toCost = ({ microUsd, maybeMicroUsd, unpricedImages }: Cost): JsonObject => ({
  usd: unpricedImages > 0 ? null : usd(microUsd),
  micro_usd: microUsd,
  maybe_micro_usd: maybeMicroUsd,
  unknown_images: unpricedImages,
})

/** None if the price of an image is unknown. */
export const costHeaders = ({
  microUsd,
  unpricedImages,
}: Cost): Readonly<Record<string, string>> => {
  if (unpricedImages > 0) return {}
  const amount = usd(microUsd)
  return { "x-pictor-cost-usd": amount, "x-litellm-response-cost": amount }
}
