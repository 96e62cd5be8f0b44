import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { connect, type Socket } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest"
import { type Served, startServing } from "./__fixtures__/command.ts"
import { collecting, complaints, memoryOf } from "./__fixtures__/memory.ts"
import { meter } from "./__fixtures__/metric.ts"
import { configOf } from "./__fixtures__/process.ts"
import { type Provider, pictures, startProvider } from "./__fixtures__/provider.ts"
import { ask, nova, read, small } from "./__fixtures__/send-request.ts"

const megabyte = 1_048_576
const pictureBytes = 4 * megabyte
const readers = 64
const senders = 200

let folder = ""
let provider: Provider
let gateway: Served
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "pictor-slow-"))
  provider = await startProvider(pictures(1, pictureBytes))
  const databaseUrl = `file:${join(folder, "gateway.db")}`
  writeFileSync(
    join(folder, "config.yaml"),
    configOf({ endpoint: provider.url, databaseUrl, models: [nova] }),
  )
  gateway = await startServing({
    args: ["--config", "config.yaml"],
    folder,
    environment: collecting,
  })
}, 30_000)
afterAll(async () => {
  gateway.signal("SIGKILL")
  await gateway.ended
  await provider.close()
  rmSync(folder, { recursive: true })
})

const body = JSON.stringify({ ...small, prompt: "tea" })

const head = (bytes: number): string =>
  `POST /v1/images/generations HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${bytes}\r\n\r\n`

/** Reads one byte each time the test says so. */
const openReader = (): Socket => {
  const { hostname, port } = new URL(gateway.url)
  const options = {
    host: hostname,
    port: Number(port),
    onread: { buffer: Buffer.alloc(1), callback: () => false },
  }
  const socket = connect(options, () => socket.write(head(body.length) + body))
  return socket.on("error", () => undefined)
}

const openSender = (): Promise<Socket> =>
  new Promise((resolve) => {
    const { hostname, port } = new URL(gateway.url)
    const socket = connect(Number(port), hostname, () =>
      socket.write(head(100_000), () => resolve(socket)),
    )
    socket.on("error", () => undefined)
  })

const inFlight = (): Promise<number> => meter(gateway.url, "pictor_requests_in_flight")

const write = (socket: Socket, byte: string): Promise<void> =>
  new Promise((resolve) => {
    socket.write(byte, () => resolve())
  })

const serve = async (): Promise<void> => {
  for (let count = 0; count < 10; count++) {
    const { status, images } = await read(
      await ask({ url: gateway.url, fields: { ...small, prompt: "tea" } }),
    )
    expect([status, images.length]).toEqual([200, 1])
  }
}

describe(`${readers} clients that read a byte at a time, and ${senders} that send one`, () => {
  it("hold only their own bytes, delay no other client, and leave nothing behind", async () => {
    await serve()
    const before = await memoryOf(gateway)
    const slowSenders = await Promise.all(Array.from({ length: senders }, openSender))
    await vi.waitFor(async () => expect(await inFlight()).toBe(senders), 20_000)
    const served = provider.calls()
    const slowReaders = Array.from({ length: readers }, openReader)
    await vi.waitFor(() => expect(provider.calls()).toBe(served + readers), 20_000)
    for (let round = 0; round < 5; round++) {
      await Promise.all(slowSenders.map((socket) => write(socket, " ")))
      for (const socket of slowReaders) socket.resume()
    }
    await serve()
    const during = await memoryOf(gateway)
    expect(during.heap + during.external - before.heap - before.external).toBeLessThan(
      1.2 * readers * pictureBytes + 32 * megabyte,
    )
    // The system's buffers hold a few answers.
    expect(await inFlight()).toBeGreaterThan(senders + readers / 2)
    for (const socket of [...slowSenders, ...slowReaders]) socket.destroy()
    await vi.waitFor(async () => expect(await inFlight()).toBe(0), 20_000)
    // Sockets that have just closed still hold their answers.
    await vi.waitFor(async () => {
      const after = await memoryOf(gateway)
      const grown = after.heap + after.external - before.heap - before.external
      expect(grown).toBeLessThan(24 * megabyte)
    }, 10_000)
    await serve()
    expect(complaints(gateway)).toEqual([])
  }, 90_000)
})
