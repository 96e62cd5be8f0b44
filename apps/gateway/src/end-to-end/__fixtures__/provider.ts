import { createServer, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"

export interface Provider {
  readonly url: string
  /** Received calls, and those aborted before their answer. */
  readonly calls: () => number
  readonly left: () => number
  readonly close: () => Promise<void>
}

/** Handles a call, counted from 1; without an answer the call hangs. */
export type Behaviour = (response: ServerResponse, count: number) => void

export const never: Behaviour = () => undefined

/** Answers like Nova Canvas, with a number of compressible images of a given size. */
export const pictures =
  (count: number, bytes: number): Behaviour =>
  (response) => {
    const head = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ", "ascii")
    const picture = Buffer.concat([head, Buffer.alloc(bytes - head.length, "A")]).toString("ascii")
    response.setHeader("content-type", "application/json")
    response.end(JSON.stringify({ images: Array.from({ length: count }, () => picture) }))
  }

export const throttles =
  (retryAfterSeconds: number): Behaviour =>
  (response) => {
    response.writeHead(429, {
      "x-amzn-errortype": "ThrottlingException",
      "retry-after": String(retryAfterSeconds),
    })
    response.end('{"message":"Too many requests, please wait before trying again."}')
  }

/** A Bedrock stub for behaviour that the emulator lacks. */
export const startProvider = async (behave: Behaviour): Promise<Provider> => {
  let calls = 0
  let left = 0
  const server = createServer((request, response) => {
    response.on("close", () => {
      if (!response.writableFinished) left++
    })
    request.resume().on("end", () => behave(response, ++calls))
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    calls: () => calls,
    left: () => left,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
