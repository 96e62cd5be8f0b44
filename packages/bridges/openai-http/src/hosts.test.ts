import { readFileSync } from "node:fs"
import type { AddressInfo } from "node:net"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { app } from "./__fixtures__/hosts/hono.ts"
import { GET, POST } from "./__fixtures__/hosts/next.ts"
import { server } from "./__fixtures__/hosts/node-http.ts"
import { imagesOf } from "./__fixtures__/reading.ts"
import { shown } from "./__fixtures__/studio.ts"

const readText = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8")
const body = JSON.stringify({ model: "acme.brush-v1:0", prompt: "A lighthouse" })
const asked = { method: "POST", headers: { "content-type": "application/json" }, body }

const firstOf = async (response: Response): Promise<string> =>
  shown((await imagesOf(response)).data[0]?.b64_json)

describe("the README", () => {
  beforeAll(() => new Promise<void>((done) => server.listen(0, "127.0.0.1", done)))
  afterAll(() => server.close())

  it("works in Hono", async () => {
    expect(await firstOf(await app.request("/api/v1/images/generations", asked))).toBe("picture 0")
  })

  it("works in Next.js", async () => {
    expect(
      await firstOf(await POST(new Request("http://site.test/api/v1/images/generations", asked))),
    ).toBe("picture 0")
    expect((await GET(new Request("http://site.test/api/v1/models"))).status).toBe(200)
  })

  it("works in Node", async () => {
    const { port } = server.address() as AddressInfo
    const origin = `http://127.0.0.1:${port}`
    expect(await firstOf(await fetch(`${origin}/v1/images/generations`, asked))).toBe("picture 0")
    expect((await fetch(`${origin}/v1/models`)).status).toBe(200)
    expect((await fetch(`${origin}/v1/images/generations`, { ...asked, body: "{" })).status).toBe(
      400,
    )
  })

  it.each(["hono", "next", "node-http"])("has the code of the tested host: %s", (name) => {
    expect(readText("../README.md")).toContain(readText(`./__fixtures__/hosts/${name}.ts`).trim())
  })
})
