import type { ImageQuery, ImageStore } from "@pictor/core"
import { describe, expect, it } from "vitest"
import { aboutOf, imageOf, png, recipe } from "./images.ts"

export interface OpenStore {
  readonly store: ImageStore
  /** The bytes behind a URL of the store. */
  fetch(url: string): Promise<Uint8Array>
}

/** What every store does. `open` returns an empty store. */
export const describeStore = (
  name: string,
  open: () => Promise<OpenStore>,
  { unlisted }: { readonly unlisted?: string } = {},
): void => {
  describe(name, () => {
    it("returns the bytes and the type of an image", async () => {
      const { store } = await open()
      for (const format of ["png", "jpg", "webp", "bin"] as const) {
        const image = imageOf(format)
        await store.put(`row/${format}`, image, aboutOf())
        const { bytes, mediaType } = (await store.get(`row/${format}`)) ?? {}
        expect([...(bytes ?? [])]).toEqual([...image.bytes()])
        expect(mediaType).toBe(image.mediaType)
      }
    })

    it("has nothing of a key that was not stored", async () => {
      const { store } = await open()
      expect(await store.get("none")).toBeUndefined()
      expect(await store.url("none")).toBeUndefined()
    })

    it("stores 12 MB and serves them by their URL", async () => {
      const { store, fetch } = await open()
      const image = imageOf("png", 12_000_000)
      await store.put("large", image, aboutOf())
      const bytes = await fetch((await store.url("large")) ?? "")
      expect(Buffer.from(bytes).equals(image.bytes())).toBe(true)
    })

    it("replaces the image of a key, also by one of another format", async () => {
      const { store, fetch } = await open()
      await store.put("key", imageOf("png"), aboutOf())
      await store.put("key", imageOf("jpg"), aboutOf({ day: "2026-11-21" }))
      expect((await store.get("key"))?.mediaType).toBe("image/jpeg")
      const bytes = await fetch((await store.url("key")) ?? "")
      expect([...bytes]).toEqual([...imageOf("jpg").bytes()])
      const { images = [] } = (await store.list?.()) ?? {}
      expect(images.map(({ about }) => about.day)).toEqual(store.list ? ["2026-11-21"] : [])
    })

    it.each(["a..b/.c", "a b/ü?#%.png", "Ω".repeat(400)])(
      "takes any text as a key: %s",
      async (key) => {
        const { store, fetch } = await open()
        await store.put(key, imageOf(), aboutOf())
        expect([...((await store.get(key))?.bytes ?? [])]).toEqual([...png])
        expect([...(await fetch((await store.url(key)) ?? ""))]).toEqual([...png])
      },
    )

    it.each([
      ["an empty key", "", {}, /key of an image must have 1 to 900/],
      ["a path to another folder", "../../etc/passwd", {}, /must not have "." or ".."/],
      ["a long key", "k".repeat(901), {}, /key of an image must have 1 to 900/],
      ["a day that is none", "key", { day: "today" }, /about.day must be a day like 2026-11-20/],
      ["a long tag", "key", { tags: { a: "b".repeat(501) } }, /500/],
    ])("rejects %s before it writes", async (_, key, about, message) => {
      const { store } = await open()
      await expect(store.put(key, imageOf(), aboutOf(about))).rejects.toThrow(message)
      if (key === "key") expect(await store.get(key)).toBeUndefined()
    })

    describe.skipIf(unlisted !== undefined)(
      unlisted === undefined ? "list" : `list (${unlisted})`,
      () => {
        describeList(open)
      },
    )
  })
}

const keysOf = async (store: ImageStore, query: ImageQuery): Promise<readonly string[]> =>
  ((await store.list?.(query)) ?? { images: [] }).images.map(({ key }) => key)

const describeList = (open: () => Promise<OpenStore>): void => {
  const filled = async (): Promise<ImageStore> => {
    const { store } = await open()
    const tea = { project: "tea" }
    await store.put("a", imageOf(), aboutOf({ day: "2026-11-19", tags: tea }))
    await store.put("b", imageOf(), aboutOf({ tags: { ...tea, stage: "final" } }))
    await store.put("c", imageOf("jpg"), aboutOf({ model: "acme.two", account: { team: "red" } }))
    await store.put("d", imageOf(), aboutOf({ day: "2026-11-21", account: { user: "ann" } }))
    return store
  }

  it("lists images with what is known of them", async () => {
    const { store } = await open()
    const about = aboutOf({ tags: { project: "tea" }, account: { key: "k", endUser: "e" } })
    await store.put("row/0", imageOf("webp"), about)
    expect(await store.list?.()).toEqual({
      images: [{ key: "row/0", mediaType: "image/webp", byteLength: 32, about }],
    })
    expect(about.recipe).toEqual(recipe)
  })

  it.each<[string, ImageQuery, readonly string[]]>([
    ["all, the newest day first", {}, ["d", "c", "b", "a"]],
    ["from a day", { from: "2026-11-20" }, ["d", "c", "b"]],
    ["to a day", { to: "2026-11-20" }, ["c", "b", "a"]],
    ["a day", { from: "2026-11-20", to: "2026-11-20" }, ["c", "b"]],
    ["a tag", { tags: { project: "tea" } }, ["b", "a"]],
    ["two tags", { tags: { project: "tea", stage: "final" } }, ["b"]],
    ["a tag on a day", { tags: { project: "tea" }, to: "2026-11-19" }, ["a"]],
    ["another value of a tag", { tags: { project: "coffee" } }, []],
    ["a model", { model: "acme.two" }, ["c"]],
    ["a team", { account: { team: "red" } }, ["c"]],
    ["a user and a model", { account: { user: "ann" }, model: "acme.one" }, ["d"]],
  ])("lists by %s", async (_, query, keys) => {
    expect(await keysOf(await filled(), query)).toEqual(keys)
  })

  it.each<[ImageQuery]>([[{}], [{ tags: { project: "tea" } }]])(
    "lists every image once over pages, while others are added: %j",
    async (query) => {
      const { store } = await open()
      for (let index = 0; index < 7; index += 1)
        await store.put(
          `key-${index}`,
          imageOf(),
          aboutOf({ day: `2026-11-${18 + (index % 3)}`, tags: { project: "tea" } }),
        )
      const keys: string[] = []
      let after: string | undefined
      do {
        const page = await store.list?.({ ...query, limit: 3, ...(after && { after }) })
        keys.push(...(page?.images ?? []).map(({ key }) => key))
        after = page?.next
        await store.put(`new-${keys.length}`, imageOf(), aboutOf({ day: "2026-11-30" }))
      } while (after !== undefined)
      expect(keys).toEqual(["key-5", "key-2", "key-4", "key-1", "key-6", "key-3", "key-0"])
    },
  )

  it.each<[string, object, RegExp]>([
    ["a limit of 0", { limit: 0 }, /limit must be a whole number from 1 to 1,000/],
    ["a limit of 1,001", { limit: 1001 }, /limit must be a whole number from 1 to 1,000/],
    ["a day that is none", { from: "20 November" }, /from must be a day like 2026-11-20/],
    ["a foreign cursor", { after: "1" }, /after must be the next of an earlier page/],
    ["an unknown option", { tag: "tea" }, /list has no option "tag"/],
  ])("rejects %s", async (_, query, message) => {
    const { store } = await open()
    await expect(store.list?.(query)).rejects.toThrow(message)
  })
}
