import { once } from "node:events"
import { IncomingMessage } from "node:http"
import { Socket } from "node:net"
import { describe, expect, it } from "vitest"
import { createAdmission, createRooms, readBody } from "./admission.ts"

const announced = (): IncomingMessage => {
  const incoming = new IncomingMessage(new Socket())
  return Object.assign(incoming, { method: "POST", headers: { "content-length": "10" } })
}

const ticket = { reserve: () => true }

describe("readBody", () => {
  it("rejects the body of a client that disconnected before it is read", async () => {
    const incoming = announced()
    incoming.destroy()
    await once(incoming, "close")
    const stopReceiving = new AbortController().signal
    await expect(
      readBody(incoming, { bodyBytes: 100, ticket, stopReceiving }),
    ).rejects.toMatchObject({ code: "incomplete_body" })
  })

  it("does not wait for a body once the gateway receives no more", async () => {
    const stopReceiving = AbortSignal.abort()
    await expect(
      readBody(announced(), { bodyBytes: 100, ticket, stopReceiving }),
    ).rejects.toMatchObject({ code: "shutting_down" })
  })
})

describe("admission", () => {
  it("keeps its places after requests whose bodies never were whole", () => {
    const { enter } = createAdmission({ maxRequests: 1, maxBytes: 100 })
    enter("ann")?.release()
    expect(enter("ann")?.begin()).toBe(true)
    expect(enter("bob")).toBeUndefined()
  })

  it("gives stored images a quarter of the bytes", () => {
    const { downloads } = createRooms({ maxRequests: 9, maxBytes: 1000 })
    const download = downloads.enter()
    expect([download?.reserve(250), download?.reserve(1)]).toEqual([true, false])
  })
})
