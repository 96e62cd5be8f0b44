import { mkdir, mkdtemp, readdir, rm, stat } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Image } from "@pictor/core"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { startServer } from "../http/__fixtures__/server.ts"
import { openImageFolder } from "./image-folder.ts"

const png = Buffer.from("89504e470d0a1a0a", "hex")
const image = (mediaType = "image/png", extension = "png"): Image =>
  ({ mediaType, extension, bytes: () => Uint8Array.from(png) }) as unknown as Image

let folder = ""
let nowMs = 0
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "pictor-files-"))
  nowMs = Date.now()
})
afterEach(() => rm(folder, { recursive: true }))

const open = (base = () => "http://here/files") =>
  openImageFolder({ folder, base, linkMs: 60_000, keepMs: 3_600_000, now: () => nowMs })

const linkOf = (url: string | undefined) => {
  const link = new URL(url ?? "")
  const { expires = "", signature = "" } = Object.fromEntries(link.searchParams)
  return { name: link.pathname.slice("/files/".length), expires, signature }
}

describe("the image folder", () => {
  it("stores an image and finds it after a restart", async () => {
    await (await open()).put("a/key", image())
    const again = await open()
    expect(await again.get("a/key")).toEqual({ bytes: png, mediaType: "image/png" })
    expect(await again.get("another")).toBeUndefined()
    expect(await again.url("another")).toBeUndefined()
  })

  it("leaves nothing of an image that cannot be stored", async () => {
    const files = await open()
    await files.put("a/key", image())
    const [name = ""] = (await readdir(folder)).filter((each) => each.endsWith(".png"))
    await rm(join(folder, name))
    // A folder is in the image's place, so that the written part cannot be renamed.
    await mkdir(join(folder, name, "inner"), { recursive: true })
    await expect(files.put("a/key", image())).rejects.toBeInstanceOf(Error)
    expect((await readdir(folder)).filter((each) => each.startsWith(".part-"))).toEqual([])
  })

  it.each([
    ["image/png", "png"],
    ["image/jpeg", "jpg"],
    ["image/webp", "webp"],
    ["application/octet-stream", "bin"],
  ])("stores %s by file extension", async (mediaType, ending) => {
    const files = await open()
    await files.put("key", image(mediaType, ending))
    const { name } = linkOf(await files.url("key"))
    expect(name).toMatch(new RegExp(`^[\\w-]{43}\\.${ending}$`))
    expect(await files.get("key")).toMatchObject({ mediaType })
  })

  it("uses unguessable names and files that only the owner can read", async () => {
    const files = await open()
    await files.put("../../etc/passwd", image())
    for (const name of await readdir(folder)) {
      expect(name).not.toContain("passwd")
      expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600)
    }
  })

  it("opens its links until they expire", async () => {
    const files = await open()
    await files.put("key", image())
    const { name, expires, signature } = linkOf(await files.url("key"))
    expect(await files.open(name, expires, signature)).toMatchObject({
      status: 200,
      bytes: png,
      mediaType: "image/png",
    })
    nowMs += 61_000
    expect(await files.open(name, expires, signature)).toEqual({ status: 410 })
  })

  it("opens no other link", async () => {
    const files = await open()
    await files.put("key", image())
    await files.put("other", image())
    const { name, expires, signature } = linkOf(await files.url("key"))
    const other = linkOf(await files.url("other"))
    const forged = [
      [other.name, expires, signature],
      [name, String(Number(expires) + 1), signature],
      [name, expires, `${signature.slice(0, -2)}AA`],
      [name, expires, ""],
      [name, "", ""],
      [".secret", expires, signature],
      ["../../etc/passwd", expires, signature],
    ] as const
    for (const [forgedName, until, mark] of forged)
      expect(await files.open(forgedName, until, mark)).toEqual({ status: 403 })
  })

  it("deletes its own old images only", async () => {
    const files = await open()
    await files.put("key", image())
    const { name, expires, signature } = linkOf(await files.url("key"))
    expect(await files.clean()).toBe(0)
    nowMs += 3_700_000
    expect(await files.clean()).toBe(1)
    nowMs -= 3_700_000
    expect(await files.open(name, expires, signature)).toEqual({ status: 404 })
    expect(await readdir(folder)).toEqual([".secret"])
  })

  it("has one secret for concurrent processes", async () => {
    const [first, second] = await Promise.all([open(), open()])
    await first.put("key", image())
    const { name, expires, signature } = linkOf(await second.url("key"))
    expect(await first.open(name, expires, signature)).toMatchObject({ status: 200 })
  })
})

describe("a link", () => {
  it("serves the image with safe headers", async () => {
    const files = await open()
    await files.put("key", image())
    const server = await startServer({ files })
    const link = linkOf(await files.url("key"))
    const get = (name: string, signature: string) =>
      fetch(
        `${server.url}/files/${name}?${new URLSearchParams({ expires: link.expires, signature }).toString()}`,
      )
    const response = await get(link.name, link.signature)
    expect(Buffer.from(await response.arrayBuffer()).equals(png)).toBe(true)
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "content-type": "image/png",
      "x-content-type-options": "nosniff",
      "content-security-policy": "default-src 'none'; sandbox",
      "cache-control": "private, max-age=60",
    })
    for (const wrong of [await get(link.name, "no"), await get("..%2f.secret", link.signature)])
      expect([wrong.status, await wrong.json()]).toMatchObject([
        403,
        { error: { type: "permission_error" } },
      ])
    await server.close()
  })
})
