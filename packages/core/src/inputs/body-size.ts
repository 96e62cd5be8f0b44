import type { PlannedCall } from "../contract/plan.ts"
import type { Transport } from "../contract/transport.ts"
import type { Notes } from "../planning/notes.ts"
import { imagesIn } from "./plan-json.ts"

/** Bytes of a body as JSON; the images in it are ASCII, which need not be written out to be counted. */
const bytesOf = (body: unknown, images: ReadonlySet<unknown>): number => {
  let counted = 0
  const rest = JSON.stringify(body, (_, value: unknown) => {
    if (typeof value !== "string" || !images.has(value)) return value
    counted += value.length
    return ""
  })
  return counted + new TextEncoder().encode(rest).length
}

/** Refuses a request whose images make a call's body larger than the transport takes. */
export const checkBodySize = (
  calls: readonly PlannedCall[],
  fields: unknown,
  { name, maxBodyBytes = Number.POSITIVE_INFINITY }: Pick<Transport, "name" | "maxBodyBytes">,
  notes: Notes,
): void => {
  const images = new Set(imagesIn(fields).map(({ base64 }) => base64))
  if (images.size === 0) return
  const largest = calls.reduce((most, { body }) => Math.max(most, bytesOf(body, images)), 0)
  if (largest <= maxBodyBytes) return
  const message = `the request has ${largest} bytes with its images in base64; ${name} takes at most ${maxBodyBytes}. fitImage of @pictor/images makes them smaller.`
  notes.invalid("image", message, `at most ${maxBodyBytes} bytes`, largest)
}
