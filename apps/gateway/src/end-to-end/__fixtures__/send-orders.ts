import { connect } from "node:net"
import { Pool } from "undici"
import type { Sent } from "./orders.ts"

/** Undefined if the connection closes without an answer. */
export interface Answered {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
}

const headersIn = (head: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    head
      .split("\r\n")
      .slice(1)
      .map((line) => [line.replace(/:.*/s, "").toLowerCase(), line.replace(/^[^:]*:\s*/, "")]),
  )

/** The first answer in the received bytes. */
const parsed = (bytes: Buffer): Answered | undefined => {
  const text = bytes.toString().replace(/^HTTP\/1\.1 100 Continue\r\n\r\n/, "")
  const end = text.indexOf("\r\n\r\n")
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(text)?.[1])
  if (end < 0 || Number.isNaN(status)) return undefined
  const headers = headersIn(text.slice(0, end))
  const body = Buffer.from(text.slice(end + 4))
  const length = Number(headers["content-length"])
  return {
    status,
    headers,
    text: (Number.isNaN(length) ? body : body.subarray(0, length)).toString(),
  }
}

const patienceMs = 20_000

/** Sends everything, half-closes the connection and reads to its end. */
const overSocket = (url: URL, bytes: Buffer): Promise<Answered | undefined> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    const socket = connect(Number(url.port), url.hostname, () => socket.end(bytes))
    socket.on("data", (chunk) => chunks.push(chunk))
    // A server that rejects early closes while bytes still arrive, which resets the connection.
    socket.on("error", () => undefined)
    socket.setTimeout(patienceMs, () => {
      reject(new Error("no end"))
      socket.destroy()
    })
    socket.on("close", () => resolve(parsed(Buffer.concat(chunks))))
  })

/** Sends requests to a gateway over reused connections. */
export const openDelivery = (url: string) => {
  const pool = new Pool(url, {
    connections: 16,
    headersTimeout: patienceMs,
    bodyTimeout: patienceMs,
  })
  const target = new URL(url)
  return {
    send: async ({ method, path, headers, body, raw }: Sent): Promise<Answered | undefined> => {
      if (raw) return overSocket(target, raw)
      const answer = await pool.request({ method, path, headers, body: body ?? null })
      return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() }
    },
    close: () => pool.close(),
  }
}
