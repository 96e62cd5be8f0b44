import { readdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { createStage } from "../__fixtures__/world.ts"
import { emulate } from "../providers.ts"
import { run } from "../run.ts"

const files = [
  "tour-1-generate.png",
  "tour-2-inpaint.png",
  "tour-3-outpaint.png",
  "tour-4-remove-background.png",
  "tour-5-upscale.png",
  "tour-6-recolor.png",
  "tour-sheet.html",
]

describe("the tour of edits", { timeout: 60_000 }, () => {
  it("takes six steps over three families, and shows before, mask and after with the cost of each", async () => {
    const { world, printed, out } = await createStage()
    expect(await run(["--tour", "edits"], world)).toBe(0)
    expect((await readdir(out)).toSorted()).toEqual(files)
    const sheet = await readFile(join(out, "tour-sheet.html"), "utf8")
    expect(sheet.match(/<img(?: class="clear")? src="data:image\//g)).toHaveLength(6 + 5 + 1)
    expect(sheet.match(/<figure>/g)).toHaveLength(6 + 5 + 1)
    expect(sheet.match(/<img class="clear"/g)).toHaveLength(1)
    expect(sheet).toContain("white is the area to change")
    expect(printed()).toMatch(/outpaint +amazon\.titan-image-generator-v2:0 +768x512/)
    expect(printed()).toMatch(/upscale +stability\.stable-fast-upscale-v1:0 +2048x2048/)
    // Nova 0.04 and 0.04, Titan's 512 class 0.008, background 0.07, fast upscale 0.03, recolor
    // 0.07.
    expect(printed()).toMatch(/total: 6 of 6 steps +\$0\.258/)
  })

  it("ends with 1 where a step fails, and keeps what was made before it", async () => {
    const fault = { kind: "no-access", model: "amazon.titan-image-generator-v2:0" } as const
    const { world, printed, out } = await createStage({
      emulate: () => emulate({ bedrock: { faults: [fault] } }),
    })
    expect(await run(["--tour", "edits"], world)).toBe(1)
    expect((await readdir(out)).toSorted()).toEqual(
      files.filter((file) => !file.includes("outpaint")),
    )
    expect(printed()).toContain("forbidden")
  })

  it.each([
    { args: ["--tour", "edits", "--live"], says: "--tour runs on the emulator only" },
    { args: ["--tour", "films"], says: "--tour must be edits" },
  ])("$args is wrong usage", async ({ args, says }) => {
    const { world, noted } = await createStage()
    expect(await run(args, world)).toBe(2)
    expect(noted()).toContain(says)
  })
})
