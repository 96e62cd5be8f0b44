import type { Collector } from "./client.ts"
import { lostResult } from "./errors.ts"

export interface EventStream extends Collector {
  /** The name of the last event. */
  readonly lastName: () => string | undefined
}

const maxEvents = 10_000
/** A line of a few bytes takes more than 100 bytes of memory. A picture is one line. */
const maxLines = 100_000
/** No event about images has as many values. Millions take seconds to parse. */
const maxMarks = 100_000
const maxFieldBytes = 1024
const lineFeed = 0x0a
const carriageReturn = 0x0d
const colon = 0x3a
const space = 0x20

/**
 * Reads a stream of server-sent events. `bytes()` is the data of the last event; `[DONE]` is not
 * one. `onEvent` gets each event that is JSON. The client bounds the stream's bytes.
 * Format: https://html.spec.whatwg.org/multipage/server-sent-events.html, seen 2026-11-30.
 */
export const createEventStream = (onEvent?: (event: unknown) => void): EventStream => {
  let line: Uint8Array[] = []
  let data: Uint8Array[] = []
  let name: string | undefined
  let last: { readonly data: Uint8Array; readonly name?: string } | undefined
  let count = 0
  let lines = 0
  let endedByReturn = false

  const dispatch = (): void => {
    const event = { data: joined(data), ...(name !== undefined && { name }) }
    const isEvent = data.length > 0 && !isDone(event.data)
    data = []
    name = undefined
    if (!isEvent) return
    count += 1
    if (count > maxEvents) throw tooMany("events", maxEvents)
    last = event
    if (onEvent) report(event.data, onEvent)
  }
  const endLine = (): void => {
    lines += 1
    if (lines > maxLines) throw tooMany("lines", maxLines)
    const bytes = joined(line)
    line = []
    if (bytes.length === 0) {
      dispatch()
      return
    }
    const end = bytes.subarray(0, maxFieldBytes).indexOf(colon)
    const field = Buffer.from(bytes.subarray(0, end === -1 ? maxFieldBytes : end)).toString()
    const start = end === -1 ? bytes.length : end + (bytes[end + 1] === space ? 2 : 1)
    const value = bytes.subarray(start)
    if (field === "data") data.push(...(data.length > 0 ? [newLine] : []), value)
    if (field === "event") name = Buffer.from(value.subarray(0, maxFieldBytes)).toString()
  }
  return {
    add: (chunk) => {
      // An empty chunk may come between a CR and its LF.
      if (chunk.length === 0) return
      let start = endedByReturn && chunk[0] === lineFeed ? 1 : 0
      endedByReturn = false
      for (;;) {
        const end = lineEnd(chunk, start)
        if (end === -1) break
        line.push(chunk.subarray(start, end))
        endLine()
        const isReturn = chunk[end] === carriageReturn
        endedByReturn = isReturn && end + 1 === chunk.length
        start = end + (isReturn && chunk[end + 1] === lineFeed ? 2 : 1)
      }
      if (start < chunk.length) line.push(chunk.subarray(start))
    },
    bytes: () => {
      if (line.length > 0) endLine()
      dispatch()
      return last?.data ?? new Uint8Array()
    },
    lastName: () => last?.name,
  }
}

const tooMany = (what: string, limit: number): Error =>
  lostResult(
    "invalid_response",
    `The stream has too many ${what}: more than ${limit.toLocaleString("en-US")}. It was not read to its end and may have been billed`,
  )

const newLine = Uint8Array.of(lineFeed)

const lineEnd = (chunk: Uint8Array, start: number): number => {
  const feed = chunk.indexOf(lineFeed, start)
  const back = (feed === -1 ? chunk : chunk.subarray(0, feed)).indexOf(carriageReturn, start)
  return back === -1 ? feed : back
}

const joined = (parts: readonly Uint8Array[]): Uint8Array =>
  parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts)

const isDone = (data: Uint8Array): boolean =>
  data.length === 6 && Buffer.from(data).toString() === "[DONE]"

/** Commas and opening brackets. Base64 has none, so a picture is passed at once. */
const hasManyValues = (data: Uint8Array): boolean => {
  let marks = 0
  for (const mark of [0x2c, 0x5b, 0x7b])
    for (let at = data.indexOf(mark); at !== -1; at = data.indexOf(mark, at + 1))
      if (++marks > maxMarks) return true
  return false
}

const report = (data: Uint8Array, onEvent: (event: unknown) => void): void => {
  if (hasManyValues(data)) return
  let event: unknown
  try {
    event = JSON.parse(new TextDecoder().decode(data))
  } catch {
    return
  }
  try {
    onEvent(event)
  } catch {
    // A listener's error must not end a call that is paid for.
  }
}
