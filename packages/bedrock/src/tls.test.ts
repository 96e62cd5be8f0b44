import { createSecureServer, type Http2SecureServer } from "node:http2"
import type { AddressInfo } from "node:net"
import { getCACertificates, setDefaultCACertificates, type TLSSocket } from "node:tls"
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest"
import { certificate, privateKey } from "./__fixtures__/localhost.ts"
import { keys, titanCall } from "./__fixtures__/server.ts"
import { bedrock } from "./transport.ts"

const names: (string | false | undefined)[] = []
let server: Http2SecureServer
beforeAll(async () => {
  server = createSecureServer({ cert: certificate, key: privateKey }, (request, response) => {
    const socket = request.stream.session?.socket as TLSSocket & {
      readonly servername?: string | false
    }
    names.push(socket.servername)
    response.end(JSON.stringify({ protocol: socket.alpnProtocol }))
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
})
afterAll(() => new Promise<void>((resolve) => server.close(() => resolve())))

const trusted = getCACertificates("default")
afterEach(() => setDefaultCACertificates(trusted))

const call = (host: string) =>
  bedrock({
    region: "us-west-2",
    credentials: keys,
    endpoint: `https://${host}:${(server.address() as AddressInfo).port}`,
  }).invoke(titanCall)

describe("over TLS", () => {
  it.each(["localhost", "127.0.0.1"])("%s is called by HTTP/2", async (host) => {
    setDefaultCACertificates([...trusted, certificate])
    const { body } = await call(host)
    expect(JSON.parse(Buffer.from(body as Uint8Array).toString())).toEqual({ protocol: "h2" })
    expect(names.at(-1) || "none").toBe(host === "localhost" ? "localhost" : "none")
  })

  it("a server whose certificate is not trusted is sent nothing", async () => {
    const before = names.length
    await expect(call("localhost")).rejects.toMatchObject({
      code: "unavailable",
      retryable: true,
      maybeBilled: false,
    })
    expect(names).toHaveLength(before)
  })
})
