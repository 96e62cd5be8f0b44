import { describe, expect, it } from "vitest"
import { type Drawn, picture, wordOps } from "../../__fixtures__/pictures.ts"
import type { ImageOps } from "../../contract/image-ops.ts"
import { createNotes } from "../diagnostics.ts"
import { checkOpaque, hasAlpha, maskOfAlpha } from "./masks.ts"
import { type Input, toInput } from "./read-image.ts"

const inputOf = async (drawn: Drawn = {}): Promise<Input> =>
  (await toInput(picture(drawn))) as Input

const webp = (form: string, at: number, flags: number): Uint8Array<ArrayBuffer> => {
  const bytes = new Uint8Array(40).fill(1)
  bytes.set(new TextEncoder().encode(`RIFF    WEBPVP8${form}`))
  if (form === " ") bytes.set([0x9d, 0x01, 0x2a], 23)
  if (form === "L") bytes.set([0x2f], 20)
  bytes[at] = flags
  return bytes
}

const gif = new TextEncoder().encode("GIF89a\x01\0\x01\0")

describe("an alpha channel", () => {
  it.each<readonly [string, Uint8Array<ArrayBuffer>, boolean]>([
    ["a PNG in colour", picture(), false],
    ["a PNG with an alpha channel", picture({ alpha: "channel" }), true],
    ["a PNG of grey with an alpha channel", picture().fill(4, 25, 26), true],
    ["a PNG with a transparent colour", picture({ alpha: "chunk" }), true],
    ["a PNG that shows tRNS", picture({ shows: "....tRNS...." }), false],
    ["a PNG that ends in its head", picture().slice(0, 33), false],
    ["an extended WebP with alpha", webp("X", 20, 16), true],
    ["an extended WebP without", webp("X", 20, 0xef), false],
    ["a lossless WebP with alpha", webp("L", 24, 16), true],
    ["a lossless WebP without", webp("L", 24, 0x0f), false],
    ["a lossy WebP", webp(" ", 20, 16), false],
    ["a GIF", gif, false],
  ])("of %s", async (_, bytes, expected) => {
    const input = await toInput(bytes)
    expect(input && hasAlpha(input)).toBe(expected)
  })
})

describe("where a model takes opaque pixels alone", () => {
  const noted = async (drawn: Drawn, ops: ImageOps | undefined) => {
    const notes = createNotes(false)
    await checkOpaque("image", await inputOf(drawn), { ops, notes })
    return {
      warnings: notes.warnings.length,
      issues: notes.issues.map(({ code, path }) => `${code} ${path}`),
    }
  }
  const unsure: ImageOps = {
    ...wordOps,
    inspect: async () => ({ mediaType: "image/png", width: 1, height: 1 }),
  }

  it.each<readonly [string, Drawn, ImageOps | undefined, number, readonly string[]]>([
    ["no alpha channel", { shows: "a hole" }, undefined, 0, []],
    ["no alpha channel, looked at", { shows: "a hole" }, wordOps, 0, []],
    ["an alpha channel that nobody looked into", { alpha: "channel" }, undefined, 1, []],
    ["an alpha channel that is opaque", { alpha: "channel" }, wordOps, 0, []],
    ["an alpha channel that nobody could look into", { alpha: "channel" }, unsure, 1, []],
    ["a hole", { alpha: "chunk", shows: "a hole" }, wordOps, 0, ["invalid_request image"]],
  ])("%s warns or is refused", async (_, drawn, ops, warnings, issues) => {
    expect(await noted(drawn, ops)).toEqual({ warnings, issues })
  })

  it("names the remedy", async () => {
    const notes = createNotes(false)
    await checkOpaque("image", await inputOf({ alpha: "channel", shows: "a hole" }), {
      ops: wordOps,
      notes,
    })
    expect(notes.issues[0]?.message).toContain("fitImage of @pictor/images")
  })
})

describe("the mask of what is transparent", () => {
  it("is reported, and is none without a hole or without image work", async () => {
    const hole: Drawn = { alpha: "channel", shows: "a hole" }
    const notes = createNotes(false)
    const workshop = { ops: wordOps, notes }
    expect(await maskOfAlpha(await inputOf({ alpha: "channel" }), workshop)).toBeUndefined()
    expect(await maskOfAlpha(await inputOf({ shows: "a hole" }), workshop)).toBeUndefined()
    expect(await maskOfAlpha(await inputOf(hole), { ...workshop, ops: undefined })).toBeUndefined()
    expect(notes.changes).toEqual([])
    expect((await maskOfAlpha(await inputOf(hole), workshop))?.image).toMatchObject({
      width: 64,
      height: 64,
    })
    expect(notes.changes).toMatchObject([{ field: "mask", action: "mapped", from: undefined }])
  })
})
