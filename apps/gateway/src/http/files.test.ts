import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createPictor } from "@pictor/core"
import { echo, echoTransport } from "@pictor/echo"
import { fileStore } from "@pictor/files"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { startServer } from "./__fixtures__/server.ts"

let folder = ""
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "pictor-links-"))
})
afterAll(() => rm(folder, { recursive: true }))

describe("a link to an image", () => {
  it("serves the image with safe headers, and nothing else", async () => {
    const files = fileStore(folder, { base: "http://here/files", linkMs: 60_000 })
    const { image, cost } = await createPictor({ adapters: [echo(echoTransport())] }).generate({
      model: "echo-v1",
      prompt: "a",
    })
    const about = { model: "echo-v1", day: "2026-11-20", tags: {}, account: {}, cost }
    await files.put("key", image, { ...about, recipe: image.recipe })
    const server = await startServer({ files })
    const { pathname, searchParams } = new URL((await files.url("key")) ?? "")
    const get = (path: string, signature = searchParams.get("signature") ?? "") => {
      const query = new URLSearchParams({ expires: searchParams.get("expires") ?? "", signature })
      return fetch(`${server.url}${path}?${query.toString()}`)
    }
    const response = await get(pathname)
    expect(Buffer.from(await response.arrayBuffer()).equals(image.bytes())).toBe(true)
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "content-type": "image/png",
      "x-content-type-options": "nosniff",
      "content-security-policy": "default-src 'none'; sandbox",
      "cache-control": expect.stringMatching(/^private, max-age=(?:59|60)$/) as string,
    })
    for (const wrong of [await get(pathname, "no"), await get("/files/..%2f.secret")])
      expect([wrong.status, await wrong.json()]).toMatchObject([
        403,
        { error: { type: "permission_error" } },
      ])
    await server.close()
    await files.close()
  })
})
