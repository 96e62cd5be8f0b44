import { mkdir, readdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { describe, expect, it, vi } from "vitest"
import { createStage } from "./__fixtures__/world.ts"
import { emulate, providerNames, providers } from "./providers.ts"
import { run } from "./run.ts"

const core = "stability.stable-image-core-v1:1"
const ultra = "stability.stable-image-ultra-v1:1"
const bedrock = ["--provider", "bedrock"]
const png = Buffer.from([137, 80, 78, 71])

/** The first column of the rows with this sign. */
const rowsOf = (printed: string): readonly string[] =>
  printed.split("\n").flatMap((line) => (line.startsWith("✓") ? (line.split(/\s+/)[1] ?? "") : []))

describe("run on the emulators", () => {
  it("draws the default prompt with models of every provider and shows them side by side", async () => {
    const { world, printed, noted, out } = await createStage()
    expect(await run([], world)).toBe(0)
    const models = providerNames.flatMap((name) => providers[name].models)
    const files = await readdir(out)
    expect(files.map((file) => file.replace(/-1\.\w+$/, "")).toSorted()).toEqual(
      [...models.map((model) => model.replace(":", "_")), "contact-sheet.html"].toSorted(),
    )
    for (const file of files.filter((name) => name.endsWith(".png")))
      expect((await readFile(join(out, file))).subarray(0, 4)).toEqual(png)
    const sheet = await readFile(join(out, "contact-sheet.html"), "utf8")
    expect(sheet.match(/src="data:image\/(png|jpeg);base64,/g)).toHaveLength(models.length)
    expect(sheet).toContain("These pictures are emulated.")
    expect(rowsOf(printed()).toSorted()).toEqual(models.toSorted())
    expect(printed()).toContain(`total: ${models.length} of ${models.length} pictures`)
    expect(printed()).toContain("the emulators charged nothing")
    expect(noted().match(/1 of 1 delivered/g)).toHaveLength(models.length)
  })

  it("has a heading for the live models of each provider, then one for the retired ones", async () => {
    const { world, printed } = await createStage()
    expect(await run(["--dry-run"], world)).toBe(0)
    const lines = printed().split("\n")
    const at = (text: string): number => lines.findIndex((line) => line.startsWith(`  ${text}`))
    const places = [
      "Amazon Bedrock",
      "stability.stable-image-core-v1:1",
      "OpenAI",
      "gpt-image-2.6-flare",
      "Google Gemini",
      "gemini-nano-banana-2.1",
      "Black Forest Labs",
      "flux-3-image",
      "Retired: they answer on emulators",
      "amazon.nova-canvas-v1:0",
      "gpt-image-1.5",
    ].map(at)
    expect(places).toEqual(places.toSorted((left, right) => left - right))
    expect(places[0]).toBeGreaterThan(0)
  })

  it("shows the bound and the charge where they differ, and what each model changed", async () => {
    const { world, printed, out } = await createStage()
    const args = ["--model", "gpt-image-2.6-flare", "--model", "gemini-nano-banana-2.1"]
    expect(await run([...args, "--seed", "7"], world)).toBe(0)
    expect(printed().match(/↳ the bound was \$0\.\d+, the charge \$0\.\d+/g)).toHaveLength(2)
    expect(printed()).toContain("seed 7 dropped")
    expect(printed()).toContain("size 1536x1024→1K at 3:2")
    expect(await readFile(join(out, "contact-sheet.html"), "utf8")).toContain("<dt>Bound</dt>")
  })

  it("draws the words given, in the size, number and seed given, and reports what it changed", async () => {
    const { world, printed, out } = await createStage()
    const args = [
      "--model",
      "amazon.nova-canvas-v1:0",
      "--n",
      "2",
      "--size",
      "1000x1000",
      "--seed",
      "7",
      "a",
      "red bicycle",
    ]
    expect(await run(args, world)).toBe(0)
    expect(await readdir(out)).toEqual([
      "amazon.nova-canvas-v1_0-1.png",
      "amazon.nova-canvas-v1_0-2.png",
      "contact-sheet.html",
    ])
    expect(printed()).toContain("“a red bicycle”")
    expect(printed()).toMatch(/992x992 +7 +size 1000x1000→992x992 +\$0\.04/)
    expect(printed()).toMatch(/total: 2 of 2 pictures +\$0\.08/)
  })

  it("delivers the others where one fails, says why, and ends with 1", async () => {
    const faults = [
      { kind: "no-access", model: core },
      { kind: "filtered-input", model: ultra },
    ] as const
    const { world, printed, noted, out } = await createStage({
      emulate: () => emulate({ bedrock: { faults } }),
    })
    expect(await run(bedrock, world)).toBe(1)
    expect(await readdir(out)).toHaveLength(7)
    expect(printed()).toMatch(new RegExp(`✗ ${core} +active +failed`))
    expect(printed()).toMatch(new RegExp(`✗ ${ultra} +active +filtered`))
    expect(printed()).toContain("forbidden: ")
    expect(printed()).toContain("total: 6 of 8 pictures")
    expect(noted()).toContain(`✗ ${core}: 0 of 1 delivered`)
  })

  it("shows that a named model is a preview, and what its tokens cost", async () => {
    const { world, printed } = await createStage()
    expect(await run(["--model", "amazon.nova-2-omni-v1:0", "--size", "auto"], world)).toBe(0)
    expect(printed()).toMatch(/✓ amazon\.nova-2-omni-v1:0 +preview .*\$0\.045058 /)
  })

  it("says when it calls again", async () => {
    const { world, noted } = await createStage({
      emulate: () => emulate({ bedrock: { faults: [{ kind: "throttle", times: 1 }] } }),
    })
    expect(await run(["--model", core], world)).toBe(0)
    expect(noted()).toContain(`${core}: calling again, attempt 2`)
  })

  it("stops at Ctrl-C, keeps what has come and tells what has not", async () => {
    const stopping = new AbortController()
    const { world, noted, out } = await createStage({
      emulate: () => emulate({ bedrock: { faults: [{ kind: "timeout", model: core }] } }),
      signal: stopping.signal,
    })
    const note = (text: string): void => {
      world.terminal.note(text)
      if (noted().match(/1 of 1 delivered/g)?.length === 7) stopping.abort()
    }
    expect(await run(bedrock, { ...world, terminal: { ...world.terminal, note } })).toBe(130)
    expect(await readdir(out)).toHaveLength(8)
    expect(noted()).toContain(
      "Interrupted: 7 of 8 pictures delivered, 0 never sent; the emulators charge nothing.",
    )
  })

  it("sends nothing in a dry run", async () => {
    const invoked = vi.fn<() => Promise<never>>()
    const connect = emulate()
    const { world, printed, out } = await createStage({
      emulate: () => (name, region) => ({ ...connect(name, region), invoke: invoked }),
    })
    expect(await run([...bedrock, "--dry-run", "--size", "1000x1000", "--n", "7"], world)).toBe(0)
    expect(invoked).not.toHaveBeenCalled()
    expect(printed()).toMatch(/total +56 +\$3\.08/)
    expect(printed()).toContain("size 1000x1000→992x992 · n 7→5+2")
    expect(printed()).toContain("Dry run: nothing was sent.")
    await expect(readdir(out)).rejects.toThrow("ENOENT")
  })

  it("replaces files of its own names and leaves the others alone", async () => {
    const { world, out } = await createStage()
    await mkdir(out)
    await writeFile(join(out, "mine.txt"), "mine")
    await writeFile(join(out, "contact-sheet.html"), "old")
    expect(await run(["--model", core], world)).toBe(0)
    expect(await readFile(join(out, "mine.txt"), "utf8")).toBe("mine")
    expect(await readFile(join(out, "contact-sheet.html"), "utf8")).toContain("<!doctype html>")
  })

  it("keeps an earlier contact sheet where no picture came", async () => {
    const { world, printed, out } = await createStage({
      emulate: () => emulate({ bedrock: { faults: [{ kind: "no-access" }] } }),
    })
    await mkdir(out)
    await writeFile(join(out, "contact-sheet.html"), "earlier")
    expect(await run(["--model", core], world)).toBe(1)
    expect(await readFile(join(out, "contact-sheet.html"), "utf8")).toBe("earlier")
    expect(printed()).not.toContain("contact-sheet.html")
  })

  it("takes the region from a model's ARN", async () => {
    const { world, printed, out } = await createStage()
    const arn = "arn:aws:bedrock:eu-west-3::foundation-model/stability.sd3-5-large-v1:0"
    expect(await run(["--model", arn, "--dry-run"], world)).toBe(0)
    expect(printed()).toContain("eu-west-3")
    expect(await run(["--model", arn], world)).toBe(0)
    expect(await readdir(out)).toEqual([
      "arn_aws_bedrock_eu-west-3_foundation-model_stability.sd3-5-large-v1_0-1.png",
      "contact-sheet.html",
    ])
  })

  it("ends with 1 where a picture cannot be written, and has it in the contact sheet", async () => {
    const { world, printed, out } = await createStage()
    await mkdir(join(out, "stability.stable-image-core-v1_1-1.png"), { recursive: true })
    expect(await run(["--model", core], world)).toBe(1)
    expect(printed()).toContain(
      "stability.stable-image-core-v1_1-1.png could not be written (EISDIR)",
    )
    expect(await readFile(join(out, "contact-sheet.html"), "utf8")).toContain("data:image/png")
  })

  it("refuses under --strict what it would have to change, and orders the rest", async () => {
    const { world, printed } = await createStage()
    expect(
      await run(
        ["--strict", "--size", "1000x1000", "--model", "amazon.nova-canvas-v1:0", "--model", core],
        world,
      ),
    ).toBe(1)
    expect(printed()).toMatch(/✗ amazon\.nova-canvas-v1:0 +retired +refused/)
    expect(printed()).toContain("unsupported: the model takes sides")
    expect(printed()).toContain("total: 1 of 2 pictures")
  })

  it.each([
    ["an unknown option", ["--colour"], "--colour"],
    ["an unknown provider", ["--provider", "acme"], "must be one of bedrock, openai, gemini, flux"],
    ["an unknown model", ["--model", "nova"], "No adapter has the model"],
    [
      "a request that no model takes",
      ["--n", "1000", ...bedrock],
      "No model can take this request",
    ],
    ["an invalid region", ["--region", "EU!", ...bedrock], "No model can take this request"],
    [
      "a folder that is a file",
      ["--out", "/dev/null"],
      "Pictures cannot be written into /dev/null",
    ],
  ])("ends with 2 at %s", async (_, args, message) => {
    const { world, noted } = await createStage()
    expect(await run(args, world)).toBe(2)
    expect(noted()).toContain(message)
  })

  it("prints the help", async () => {
    const { world, printed } = await createStage()
    expect(await run(["--help"], world)).toBe(0)
    expect(printed()).toContain("Exit codes:")
    expect(
      printed()
        .split("\n")
        .every((line) => line.length <= 100),
    ).toBe(true)
  })
})
