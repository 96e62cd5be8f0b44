import { type ImageError, isImageError } from "@pictor/core"
import { lift, type Reply } from "@pictor/core/adapter"
import { isFileUrl } from "./address.ts"
import {
  type Collector,
  contentLength,
  createCollector,
  defaultMaxReplyBytes,
  type HttpHead,
  type HttpReply,
} from "./client.ts"
import { createExchange, lostResult } from "./errors.ts"
import { type Limits, runLimited, wait } from "./limits.ts"
import { failWith, type Session } from "./session.ts"

const maxFiles = 100
const maxHops = 5
const attempts = 5
const attemptTimeoutMs = 60_000
const totalTimeoutMs = 300_000
const firstWaitMs = 500

/**
 * Fetches the result files whose URLs are in a reply. A file that has expired has no entry. Where
 * a reply has several files, one that cannot be fetched has no entry either.
 */
export const withFiles = async (
  session: Session,
  reply: Reply,
  { signal, timeoutMs }: Limits,
): Promise<Reply> => {
  const { file } = session.family
  const urls = file === undefined ? [] : fileUrls(reply, file)
  if (urls.length === 0) return reply
  if (urls.length > maxFiles)
    throw lostResult(
      "invalid_response",
      `The reply of ${session.call.model} names more than ${maxFiles} result files; it may have been billed`,
    )
  const room = createRoom(session.shared.options.maxReplyBytes ?? defaultMaxReplyBytes)
  const fetched = await runLimited(
    { signal, timeoutMs: Math.min(timeoutMs, totalTimeoutMs) },
    (limited) =>
      Promise.all(
        urls.map(
          async ([path, url]) => [path, await fetchFile(session, url, room, limited)] as const,
        ),
      ),
    failWith(session, { isSent: true, headers: {} }),
  )
  const found = fetched.filter(([, result]) => result instanceof Uint8Array)
  const isTemporary = fetched.some(([, result]) => result === "failed")
  if (found.length === 0 && isTemporary) throw unreachable(session)
  return { ...reply, files: Object.fromEntries(found) as Readonly<Record<string, Uint8Array>> }
}

const unreachable = ({ call }: Session): ImageError =>
  lostResult(
    "unavailable",
    `The result of ${call.model} could not be downloaded in ${attempts} attempts; it may have been billed`,
  )

/** Body paths and URLs, `#` being every index of a list. */
const fileUrls = (reply: Reply, path: string): readonly (readonly [string, string])[] => {
  if (/^image\//i.test(reply.headers["content-type"] ?? "")) return []
  try {
    return valuesAt(lift(reply.body), path.split("."), []).filter(([, value]) =>
      /^https?:/i.test(value),
    )
  } catch {
    // Core reports a reply that cannot be read.
    return []
  }
}

const valuesAt = (
  value: unknown,
  [key, ...rest]: readonly string[],
  before: readonly string[],
): readonly (readonly [string, string])[] => {
  if (key === undefined) return typeof value === "string" ? [[before.join("."), value]] : []
  if (typeof value !== "object" || value === null) return []
  const keys = key === "#" && Array.isArray(value) ? Object.keys(value) : [key]
  return keys.flatMap((each) =>
    Object.hasOwn(value, each)
      ? valuesAt((value as Readonly<Record<string, unknown>>)[each], rest, [...before, each])
      : [],
  )
}

type Fetched = Uint8Array | "gone" | "failed"

/** Fetches a file again if that may help. Throws for a host that is not the family's. */
const fetchFile = async (
  session: Session,
  url: string,
  room: Room,
  signal: AbortSignal,
): Promise<Fetched> => {
  let waitMs = firstWaitMs
  for (let attempt = 1; ; attempt++) {
    const fetched = await runLimited(
      { signal, timeoutMs: attemptTimeoutMs },
      (limited) => followRedirects(session, url, room, limited),
      (error) => (error instanceof Error ? error : new Error("The download failed")),
    ).catch((error: unknown) => {
      if (isImageError(error) || signal.aborted) throw error
      return "failed" as const
    })
    if (fetched !== "failed" || attempt === attempts) return fetched
    await wait(waitMs, signal)
    waitMs *= 2
  }
}

const followRedirects = async (
  session: Session,
  first: string,
  room: Room,
  signal: AbortSignal,
): Promise<Fetched> => {
  let target = first
  for (let hop = 0; hop <= maxHops; hop++) {
    const url = checkedUrl(session, target)
    const reply = await download(session, url, room, signal)
    const { statusCode, headers, body } = reply
    const location = headers["location"]
    if (statusCode >= 300 && statusCode < 400 && location !== undefined) {
      target = URL.canParse(location, url) ? new URL(location, url).href : location
      continue
    }
    if (statusCode === 200 && !isHtml(reply)) return body
    const mayHelp = statusCode < 400 || statusCode >= 500 || [408, 425, 429].includes(statusCode)
    return mayHelp ? "failed" : "gone"
  }
  return "failed"
}

const isHtml = ({ headers }: HttpReply): boolean =>
  /^text\/html/i.test(headers["content-type"] ?? "")

const checkedUrl = ({ family, base, call, shared }: Session, text: string): URL => {
  const hosts = [...(family.hosts ?? []), ...(shared.options.fileHosts ?? [])]
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url && isFileUrl(url, hosts, base)) return url
  const from = url ? `${url.protocol}//${url.host}` : "an address that is no URL"
  const trusted = hosts.length > 0 ? `https on ${hosts.join(", ")}` : "no host"
  throw lostResult(
    "invalid_response",
    `The result of ${call.model} is at ${from}, but ${family.provider} keeps results on ${trusted}; it was not fetched and may have been billed. If the host is right, add it to http({ fileHosts })`,
  )
}

const download = (
  { shared: { client } }: Session,
  url: URL,
  room: Room,
  signal: AbortSignal,
): Promise<HttpReply> =>
  client.send(
    {
      origin: url.origin,
      path: url.pathname + url.search,
      method: "GET",
      // Never a credential.
      headers: { accept: "image/*", "user-agent": "pictor" },
    },
    { signal, observer: createExchange(), collect: room.collect },
  )

/** The memory that all files of a reply share. */
interface Room {
  readonly collect: (head: HttpHead) => Collector
}

const createRoom = (maxBytes: number): Room => {
  let left = maxBytes
  return {
    collect: (head) => {
      const announced = contentLength(head)
      if ((announced ?? 0) > left) throw tooLarge(maxBytes)
      const collector = createCollector(announced)
      return {
        add: (chunk) => {
          left -= chunk.length
          if (left < 0) throw tooLarge(maxBytes)
          collector.add(chunk)
        },
        bytes: collector.bytes,
      }
    },
  }
}

const tooLarge = (maxBytes: number): ImageError =>
  lostResult(
    "invalid_response",
    `The result files have more than ${maxBytes.toLocaleString("en-US")} bytes; set a larger maxReplyBytes, or request fewer or smaller images`,
  )
