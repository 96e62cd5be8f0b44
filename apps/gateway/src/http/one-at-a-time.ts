import type { IncomingMessage, RequestListener, ServerResponse } from "node:http"
import type { Socket } from "node:net"

/** Requests of a connection that may wait for the answers before them. */
const maxWaiting = 16

interface Turn {
  readonly incoming: IncomingMessage
  readonly outgoing: ServerResponse
}

/**
 * Starts a connection's next request when the answer before it is sent, so that a client that
 * pipelines and does not read makes one answer. A connection with more waiting requests is closed
 * after those that wait: HTTP lets a client repeat what was not answered.
 */
export const oneAtATime = (listener: RequestListener): RequestListener => {
  const queues = new WeakMap<Socket, Turn[]>()
  const start = (socket: Socket, { incoming, outgoing }: Turn): void => {
    outgoing.once("close", () => {
      const next = queues.get(socket)?.shift()
      if (next && !socket.destroyed) start(socket, next)
      else queues.delete(socket)
    })
    listener(incoming, outgoing)
  }
  return (incoming, outgoing) => {
    const { socket } = incoming
    const queue = queues.get(socket)
    const last = queue?.at(-1)
    if (!queue) {
      queues.set(socket, [])
      start(socket, { incoming, outgoing })
    } else if (!last || queue.length < maxWaiting) queue.push({ incoming, outgoing })
    else {
      // The answer that closes the connection.
      last.outgoing.shouldKeepAlive = false
      socket.pause()
    }
  }
}
