import { once } from "node:events"
import { IncomingMessage } from "node:http"
import { Socket } from "node:net"
import { expect, it } from "vitest"
import { readBody } from "./admission.ts"

it("rejects the body of a client that disconnected before it is read", async () => {
  const incoming = new IncomingMessage(new Socket())
  Object.assign(incoming, { method: "POST", headers: { "content-length": "10" } })
  incoming.destroy()
  await once(incoming, "close")
  const ticket = { reserve: () => true }
  const stopReceiving = new AbortController().signal
  await expect(readBody(incoming, { bodyBytes: 100, ticket, stopReceiving })).rejects.toMatchObject(
    { code: "incomplete_body" },
  )
})
