import type { Socket } from "node:net"
import type { NodeHttp2Handler } from "@smithy/node-http-handler"
import type { Attempt } from "./attempt.ts"
import { connector, type Sockets } from "./connection.ts"

export interface LineParts extends Sockets {
  readonly NodeHttp2Handler: typeof NodeHttp2Handler
}

/** An HTTP/2 connection, and the one call that has it. */
interface Line {
  readonly handler: NodeHttp2Handler
  attempt: Attempt | undefined
  socket?: Socket
  idle?: NodeJS.Timeout
}

/** Connections kept for the next call, each lent to one call at a time: what happens to it is then that call's alone. */
export interface Lines {
  take(attempt: Attempt): Line
  /** After a whole reply. */
  keep(line: Line): void
  /** After anything else: the call ends with its connection. */
  drop(line: Line): void
  close(): void
}

// HTTP/2 starts with 64 KiB under way at a time: with 80 ms to the region and back, 3 MB took 3.8 s, and 0.2 s with this.
export const receiveWindowBytes = 8 * 1024 * 1024
// A server that drops an idle connection unheard makes the next call fail in doubt: none is kept as long as servers and gateways keep theirs.
const idleMs = 20_000
const mostIdle = 32

export const createLines = (parts: LineParts, timeoutMs: number): Lines => {
  const idle = new Set<Line>()
  let closed = false
  const drop = (line: Line): void => {
    clearTimeout(line.idle)
    idle.delete(line)
    line.handler.destroy()
  }
  return {
    take: (attempt) => {
      const line = (attempt.streaming ? undefined : newest(idle)) ?? createLine(parts, timeoutMs)
      clearTimeout(line.idle)
      idle.delete(line)
      line.attempt = attempt
      attempt.sent = line.socket?.destroyed === false
      return line
    },
    keep: (line) => {
      line.attempt = undefined
      if (closed || idle.size >= mostIdle) return drop(line)
      line.idle = setTimeout(() => drop(line), idleMs).unref()
      idle.add(line)
    },
    drop,
    close: () => {
      closed = true
      for (const line of idle) drop(line)
    },
  }
}

const newest = (lines: ReadonlySet<Line>): Line | undefined => [...lines].at(-1)

const createLine = ({ NodeHttp2Handler, ...sockets }: LineParts, timeoutMs: number): Line => {
  const handler = new NodeHttp2Handler({
    // The SDK would end it after 300 s, whatever timeout was asked for; the attempt's own clock comes first.
    sessionTimeout: Math.min(timeoutMs + 1000, 2_147_483_647),
    nodeHttp2ConnectOptions: {
      createConnection: (authority) => (line.socket = connect(authority)),
      settings: { initialWindowSize: receiveWindowBytes },
    },
  })
  const line: Line = { handler, attempt: undefined }
  const connect = connector(() => line.attempt, sockets)
  return line
}
