import { type AddressInfo, createServer } from "node:net"
import { afterEach, expect, it, vi } from "vitest"
import { keys, titanCall } from "./__fixtures__/server.ts"
import { bedrock } from "./transport.ts"

afterEach(() => void vi.useRealTimers())

// undici keeps a timer for the whole process, so this test has a file of its own.
it("a TLS handshake that does not end is given up after 10 s, unbilled", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
  const server = createServer(() => setImmediate(() => vi.advanceTimersByTime(12_000)))
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const { port } = server.address() as AddressInfo
  const transport = bedrock({
    region: "us-west-2",
    credentials: keys,
    endpoint: `https://127.0.0.1:${port}`,
  })
  await expect(transport.invoke(titanCall)).rejects.toMatchObject({
    code: "unavailable",
    retryable: true,
    maybeBilled: false,
  })
  server.close()
})
