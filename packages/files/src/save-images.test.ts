import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { imageOf } from "./__fixtures__/images.ts"
import { saveImages } from "./save-images.ts"

let folder = ""
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "pictor-save-"))
})
afterEach(() => rm(folder, { recursive: true }))

const result = { model: "acme.one-v1:0", images: [imageOf("png"), imageOf("jpg")] }
const names = (paths: readonly string[]): readonly string[] => paths.map((path) => basename(path))

describe("saveImages", () => {
  it("names files by the model and returns their paths", async () => {
    const paths = await saveImages(result, join(folder, "new", "out"))
    expect(names(paths)).toEqual(["acme.one-v1-0-1.png", "acme.one-v1-0-2.jpg"])
    expect((await readFile(paths[1] ?? "")).equals(imageOf("jpg").bytes())).toBe(true)
  })

  it("never replaces a file", async () => {
    await writeFile(join(folder, "tea-7.png"), "mine")
    await writeFile(join(folder, "tea-x.png"), "mine")
    expect(names(await saveImages(result, folder, { name: "tea" }))).toEqual([
      "tea-8.png",
      "tea-9.jpg",
    ])
    expect(await readFile(join(folder, "tea-7.png"), "utf8")).toBe("mine")
  })

  it("gives concurrent results names of their own", async () => {
    const all = await Promise.all(
      Array.from({ length: 5 }, () => saveImages({ ...result, images: [imageOf()] }, folder)),
    )
    expect(new Set(all.flat()).size).toBe(5)
    expect(await readdir(folder)).toHaveLength(5)
  })

  it.each(["../../etc/tea", ".hidden", "a/b c"])("stays in the folder: %s", async (name) => {
    await saveImages(result, folder, { name })
    expect(await readdir(folder)).toHaveLength(2)
  })

  it("rejects a name without a letter or a digit", async () => {
    await expect(saveImages(result, folder, { name: "../" })).rejects.toThrow(
      /name must have a letter or a digit/,
    )
  })
})
