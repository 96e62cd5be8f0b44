import { createServer, type Server } from "node:https"
import type { AddressInfo } from "node:net"
import { getCACertificates, setDefaultCACertificates, type TLSSocket } from "node:tls"
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest"
import { certificate, privateKey } from "./__fixtures__/localhost.ts"
import { keys, titanCall } from "./__fixtures__/server.ts"
import { bedrock } from "./transport.ts"

const names: (string | false | undefined)[] = []
let server: Server
beforeAll(async () => {
  const offered = { ALPNProtocols: ["h2", "http/1.1"] }
  server = createServer({ cert: certificate, key: privateKey, ...offered }, (request, response) => {
    const socket = request.socket as TLSSocket & { readonly servername?: string | false }
    names.push(socket.servername)
    response.end(JSON.stringify({ protocol: request.httpVersion }))
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
})
afterAll(async () => {
  await new Promise<void>((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
})

const trusted = getCACertificates("default")
afterEach(() => setDefaultCACertificates(trusted))

const call = (host: string) =>
  bedrock({
    region: "us-west-2",
    credentials: keys,
    endpoint: `https://${host}:${(server.address() as AddressInfo).port}`,
  }).invoke(titanCall)

describe("over TLS", () => {
  it.each(["localhost", "127.0.0.1"])(
    "%s is called by HTTP/1.1, although the server offers HTTP/2",
    async (host) => {
      setDefaultCACertificates([...trusted, certificate])
      const { body } = await call(host)
      expect(JSON.parse(Buffer.from(body as Uint8Array).toString())).toEqual({ protocol: "1.1" })
      expect(names.at(-1) || "none").toBe(host === "localhost" ? "localhost" : "none")
    },
  )

  it("an untrusted server receives nothing", async () => {
    const before = names.length
    await expect(call("localhost")).rejects.toMatchObject({
      code: "unavailable",
      retryable: true,
      maybeBilled: false,
    })
    expect(names).toHaveLength(before)
  })
})
