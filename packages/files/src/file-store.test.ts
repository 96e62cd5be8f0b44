import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest"
import { aboutOf, imageOf, png } from "./__fixtures__/images.ts"
import { describeStore } from "./__fixtures__/store-suite.ts"
import { killWriter, writtenBytes } from "./__fixtures__/writer-process.ts"
import { type FileStore, type FileStoreOptions, fileStore } from "./file-store.ts"

let folder = ""
let nowMs = 0
const stores: FileStore[] = []
const parent = await mkdtemp(join(tmpdir(), "pictor-files-"))
let folders = 0
beforeEach(() => {
  folder = join(parent, String(folders++))
  nowMs = Date.now()
})
afterEach(async () => {
  await Promise.all(stores.splice(0).map((store) => store.close()))
})
afterAll(() => rm(parent, { recursive: true }))

const open = (options: FileStoreOptions = {}): FileStore => {
  const store = fileStore(folder, options)
  stores.push(store)
  return store
}
const openLinked = (options: FileStoreOptions = {}): FileStore =>
  open({ base: "http://here/files", linkMs: 60_000, now: () => nowMs, ...options })

const linkOf = (url: string | undefined) => {
  const link = new URL(url ?? "")
  const { expires = "", signature = "" } = Object.fromEntries(link.searchParams)
  return { name: link.pathname.slice("/files/".length), expires, signature }
}

const imagesIn = async (): Promise<readonly string[]> =>
  (await readdir(folder)).filter((name) => !/^(?:\.secret|index\.db.*)$/.test(name))

describeStore("a file store", async () => ({
  store: open(),
  fetch: async (url) => readFile(fileURLToPath(url)),
}))

describeStore("a file store with links", async () => {
  const store = openLinked()
  return {
    store,
    fetch: async (url) => {
      const { name, expires, signature } = linkOf(url)
      const opened = await store.open(name, expires, signature)
      return opened.status === 200 ? opened.bytes : new Uint8Array()
    },
  }
})

describe("fileStore", () => {
  it("finds an image after a restart", async () => {
    const first = open()
    await first.put("key", imageOf(), aboutOf())
    await first.close()
    const second = open()
    expect(await second.get("key")).toMatchObject({ mediaType: "image/png" })
    expect((await second.list()).images).toHaveLength(1)
  })

  it("makes no folder before it is used", async () => {
    open()
    await expect(stat(folder)).rejects.toThrow("ENOENT")
  })

  it("opens again after it could not be opened", async () => {
    await writeFile(folder, "")
    const store = open()
    await expect(store.get("key")).rejects.toThrow(/EEXIST/)
    await rm(folder)
    expect(await store.get("key")).toBeUndefined()
  })

  it("reports at once where it cannot be opened", async () => {
    await writeFile(folder, "")
    await expect(open().ready()).rejects.toThrow(/EEXIST/)
  })

  it("leaves nothing of an image that cannot be stored", async () => {
    const store = open()
    await store.put("key", imageOf(), aboutOf())
    const [name = ""] = await imagesIn()
    await rm(join(folder, name))
    // A folder is in the image's place, so that the written part cannot be renamed.
    await mkdir(join(folder, name, "inner"), { recursive: true })
    await expect(store.put("key", imageOf(), aboutOf())).rejects.toBeInstanceOf(Error)
    expect(await imagesIn()).toEqual([name])
  })

  it("uses unguessable names and files that only the owner can read", async () => {
    await open().put("secret-key", imageOf(), aboutOf())
    for (const name of await readdir(folder)) {
      expect(name).not.toContain("secret-key")
      expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600)
    }
  })

  it("keeps no prompt on the disk with recipes: false", async () => {
    const store = open({ recipes: false })
    await store.put("key", imageOf(), aboutOf())
    expect((await store.list()).images[0]?.about).not.toHaveProperty("recipe")
    for (const name of await readdir(folder))
      expect((await readFile(join(folder, name))).includes("tea plantation")).toBe(false)
  })

  it("rejects an unknown option", () => {
    expect(() => fileStore(folder, { bases: "" } as FileStoreOptions)).toThrow(/no option "bases"/)
  })
})

describe("a link", () => {
  it("opens until it expires", async () => {
    const store = openLinked()
    await store.put("key", imageOf(), aboutOf())
    const { name, expires, signature } = linkOf(await store.url("key"))
    expect(await store.open(name, expires, signature)).toMatchObject({
      status: 200,
      bytes: Buffer.from(png),
      mediaType: "image/png",
    })
    nowMs = Number(expires) * 1000 - 1
    expect(await store.open(name, expires, signature)).toMatchObject({ remainingMs: 1 })
    nowMs += 1
    expect(await store.open(name, expires, signature)).toEqual({ status: 410 })
  })

  it("cannot be forged", async () => {
    const store = openLinked()
    await store.put("key", imageOf(), aboutOf())
    await store.put("other", imageOf(), aboutOf())
    const { name, expires, signature } = linkOf(await store.url("key"))
    const other = linkOf(await store.url("other"))
    const forged = [
      [other.name, expires, signature],
      [name, String(Number(expires) + 1), signature],
      [name, expires, `${signature.slice(0, -2)}AA`],
      [name, expires, ""],
      [name, "", ""],
      [".secret", expires, signature],
      ["index.db", expires, signature],
      ["../../etc/passwd", expires, signature],
    ] as const
    for (const [forgedName, until, mark] of forged)
      expect(await store.open(forgedName, until, mark)).toEqual({ status: 403 })
  })

  it("opens in every process on the folder", async () => {
    const [first, second] = [openLinked(), openLinked()]
    await Promise.all([first.get("none"), second.get("none")])
    await first.put("key", imageOf(), aboutOf())
    const { name, expires, signature } = linkOf(await second.url("key"))
    expect(await first.open(name, expires, signature)).toMatchObject({ status: 200 })
  })
})

describe("clean", () => {
  it("deletes old images, and only those", async () => {
    const store = openLinked({ keepMs: 3_600_000 })
    await store.put("key", imageOf(), aboutOf())
    await writeFile(join(folder, "notes.txt"), "mine")
    const { name, expires, signature } = linkOf(await store.url("key"))
    expect(await store.clean()).toBe(0)
    nowMs += 3_700_000
    expect(await store.clean()).toBe(1)
    nowMs -= 3_700_000
    expect(await store.open(name, expires, signature)).toEqual({ status: 404 })
    expect(await store.list()).toEqual({ images: [] })
    expect(await imagesIn()).toEqual(["notes.txt"])
  })

  it("keeps images without keepMs, and deletes incomplete files after an hour", async () => {
    const store = openLinked()
    await store.put("key", imageOf(), aboutOf())
    await writeFile(join(folder, ".part-1"), "half")
    expect(await store.clean()).toBe(0)
    expect(await imagesIn()).toContain(".part-1")
    nowMs += 3_700_000
    expect(await store.clean()).toBe(0)
    expect(await imagesIn()).toHaveLength(1)
    expect(await store.get("key")).toBeDefined()
  })
})

describe("a process that is killed while it writes", () => {
  it("leaves only whole images to serve and list", async () => {
    let stored = 0
    for (let round = 0; round < 2; round += 1) {
      const written = await killWriter(folder, round)
      const store = open()
      for (const key of written) expect(await store.get(key), key).toBeDefined()
      const { images } = await store.list({ limit: 1000 })
      for (const { key, byteLength } of images) {
        expect((await store.get(key))?.bytes.byteLength).toBe(byteLength)
        expect(byteLength).toBe(writtenBytes)
      }
      stored += written.length
      expect(images.length).toBeGreaterThanOrEqual(stored)
      for (const name of (await imagesIn()).filter((each) => !each.startsWith(".part-")))
        expect((await stat(join(folder, name))).size).toBe(writtenBytes)
      await store.close()
    }
  })
})
