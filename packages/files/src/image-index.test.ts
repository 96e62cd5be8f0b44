import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { ImageQuery } from "@pictor/core"
import { openDatabase } from "@pictor/ledger"
import { type RawBuilder, sql } from "kysely"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { aboutOf } from "./__fixtures__/images.ts"
import { indexSchema, openImageIndex, pageQuery } from "./image-index.ts"

let folder = ""
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "pictor-index-"))
})
afterAll(() => rm(folder, { recursive: true }))

const file = (key: string) => ({ key, mediaType: "image/png", byteLength: 8 })

const tags = { project: "tea" }

describe("the image index", () => {
  it.each<[string, ImageQuery, RegExp]>([
    ["day", { from: "2026-11-20" }, /SEARCH image USING INDEX pictor_image_day \(day>/],
    [
      "page",
      { after: `2026-11-20/${"0".repeat(26)}` },
      /SEARCH image USING INDEX pictor_image_day/,
    ],
    [
      "day and tag",
      { from: "2026-11-20", to: "2026-11-20", tags },
      /SEARCH found USING COVERING INDEX \S+ \(term=\? AND day>\? AND day<\?\)/,
    ],
    [
      "tag, model and account",
      { tags, model: "acme.one", account: { key: "k" } },
      /SEARCH found USING COVERING INDEX \S+ \(term=\?\)/,
    ],
  ])("finds a page by %s in an index, without a scan or a sort", async (name, query, search) => {
    const database = await openDatabase(`file:${join(folder, `${name}.db`)}`)
    const tables = await database.migrate(indexSchema)
    const plan = await tables.read(async (db) => {
      const explain: RawBuilder<{ readonly detail: string }> =
        sql`explain query plan ${pageQuery(query)}`
      const { rows } = await explain.execute(db)
      return rows.map(({ detail }) => detail).join("\n")
    })
    await database.close()
    expect(plan).toMatch(search)
    expect(plan).not.toMatch(/SCAN|TEMP B-TREE/)
  })

  it("leaves out a recipe of more than 65,536 characters", async () => {
    const index = await openImageIndex(`file:${join(folder, "long.db")}`, {})
    const { recipe } = aboutOf()
    const long = { ...recipe, request: { prompt: "x".repeat(65_536) } }
    await index.put(file("long"), aboutOf({ recipe: long }))
    expect((await index.list()).images[0]?.about).not.toHaveProperty("recipe")
    await index.close()
  })

  it("forgets more images than a batch", async () => {
    let nowMs = 1000
    const options = { now: () => nowMs }
    const index = await openImageIndex(`file:${join(folder, "forget.db")}`, options)
    for (let count = 0; count < 600; count += 1)
      await index.put(file(`${count}`), aboutOf({ tags }))
    nowMs = 5000
    await index.put(file("new"), aboutOf({ tags }))
    expect(await index.forget(5000)).toBe(600)
    expect((await index.list({ tags })).images.map(({ key }) => key)).toEqual(["new"])
    await index.close()
  })
})
