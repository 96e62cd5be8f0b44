import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { buffer } from "node:stream/consumers"

/** A call and its reply. */
export interface RecordedCall {
  /** The provider's request id. */
  readonly requestId: string
  readonly status: number
  /** The provider's error type. */
  readonly type: string | undefined
  readonly path: string
  readonly body: string
  /** The provider's error message. */
  words: string
}

export interface RecordingProxy {
  readonly url: string
  /** Answered calls. */
  readonly seen: readonly RecordedCall[]
  close(): Promise<void>
}

const headerOf = ({ headers }: IncomingMessage, name: string): string | undefined => {
  const value = headers[name]
  return typeof value === "string" ? value : undefined
}

/** A proxy between gateway and emulator that records the replies. */
export const startRecordingProxy = async (target: string): Promise<RecordingProxy> => {
  const seen: RecordedCall[] = []
  const carry = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const body = await buffer(incoming)
    const { method, headers, url: path = "/" } = incoming
    const onward = request(new URL(path, target), { method, headers }, (answer) => {
      const [requestId = "", type] = [
        headerOf(answer, "x-amzn-requestid"),
        headerOf(answer, "x-amzn-errortype"),
      ]
      const call: RecordedCall = {
        requestId,
        status: answer.statusCode ?? 0,
        type,
        path,
        body: body.toString(),
        words: "",
      }
      seen.push(call)
      if (call.status !== 200)
        answer.on("data", (chunk: Buffer) => {
          call.words += chunk.toString()
        })
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.on("error", () => outgoing.destroy()).pipe(outgoing)
    })
    onward.on("error", () => outgoing.destroy())
    outgoing.on("close", () => onward.destroy())
    onward.end(body)
  }
  const server = createServer((incoming, outgoing) => {
    // A client that disconnects during its request gets no answer.
    carry(incoming, outgoing).catch(() => outgoing.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
