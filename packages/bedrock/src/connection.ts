import type { Socket } from "node:net"
import type { Attempt } from "./attempt.ts"

export interface Sockets {
  readonly net: typeof import("node:net")
  readonly tls: typeof import("node:tls")
}

const connectTimeoutMs = 10_000
// NAT gateways drop a connection that was silent for 350 s: https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html,
// seen 2026-11-20.
const keepAlive = { keepAlive: true, keepAliveInitialDelay: 60_000 }

/** Opens the HTTP/2 connection as Node does, but notes on the attempt that has it when it stood and why it failed. */
export const connector =
  (current: () => Attempt | undefined, { net, tls }: Sockets) =>
  (authority: URL): Socket => {
    const secure = authority.protocol === "https:"
    const host = authority.hostname.replace(/^\[|\]$/g, "")
    const target = { host, port: Number(authority.port) || (secure ? 443 : 80), ...keepAlive }
    const name = net.isIP(host) ? {} : { servername: host }
    const socket = secure
      ? tls.connect({ ...target, ...name, ALPNProtocols: ["h2"] })
      : net.connect(target)
    watch(socket, secure ? "secureConnect" : "connect", current)
    return socket
  }

const watch = (socket: Socket, connected: string, current: () => Attempt | undefined): void => {
  note(current(), { sent: false })
  const timer = setTimeout(() => socket.destroy(connectTimedOut()), connectTimeoutMs)
  socket.once(connected, () => {
    clearTimeout(timer)
    note(current(), { sent: true })
  })
  socket.once("error", (socketError: Error) => note(current(), { socketError }))
  socket.once("close", () => clearTimeout(timer))
}

const note = (attempt: Attempt | undefined, seen: Partial<Attempt>): void => {
  if (attempt) Object.assign(attempt, seen)
}

const connectTimedOut = (): Error =>
  Object.assign(new Error("no connection"), { code: "ETIMEDOUT", syscall: "connect" })
