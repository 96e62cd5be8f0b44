import { createHash } from "node:crypto"
import { readdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { createStage } from "./__fixtures__/stage.ts"
import { embeddedText } from "./png-text.ts"

const core = ["--model", "stability.stable-image-core-v1:1", "--seed", "7"]

describe("pictor", () => {
  it("draws on the emulator, says so, and writes a recipe beside the picture", async () => {
    const { folder, run } = await createStage({
      AWS_ACCESS_KEY_ID: "x",
      AWS_SECRET_ACCESS_KEY: "y",
    })
    const { code, printed, noted } = await run(["generate", "a boat", ...core])
    expect(noted).toContain("Emulator: nothing is sent or charged; live this costs $0.04")
    expect(code).toBe(0)
    const file = printed.trim()
    const bytes = await readFile(join(folder, file))
    const about = JSON.parse(await readFile(join(folder, `${file}.json`), "utf8"))
    expect(about).toMatchObject({
      recipe: { callSeed: 7, request: { prompt: "a boat" } },
      live: false,
      cost: { microUsd: 40_000 },
      sha256: createHash("sha256").update(bytes).digest("hex"),
    })
  })

  it("orders the same picture again from the recipe that it embedded", async () => {
    const { folder, run } = await createStage()
    const first = await run(["generate", "a boat", ...core, "--embed", "--json"])
    const { images } = JSON.parse(first.printed)
    const text = embeddedText(await readFile(join(folder, images[0].file)))
    expect(JSON.parse(text ?? "")).toMatchObject({ recipe: { callSeed: 7 } })
    const again = await run(["replay", images[0].file, "--out", "-"])
    expect(again.code).toBe(0)
    const plain = await run(["generate", "a boat", ...core, "--out", "-"])
    expect(again.bytes.equals(plain.bytes)).toBe(true)
  })

  it("writes the cost and the request of a picture that is ordered again", async () => {
    const { folder, run } = await createStage()
    const order = ["generate", "a boat", "--model", "amazon.nova-canvas-v1:0", "-n", "2"]
    const first = JSON.parse((await run([...order, "--json"])).printed)
    const [{ file, cost }] = first.images
    const again = JSON.parse((await run(["replay", `${file}.json`, "--json"])).printed)
    const about = JSON.parse(await readFile(join(folder, `${again.file}.json`), "utf8"))
    expect(about).toMatchObject({ cost, requestIds: [expect.any(String)] })
    expect(cost.microUsd).toBeGreaterThan(0)
  })

  it("says why a picture cannot be ordered again", async () => {
    const { run } = await createStage()
    const order = ["generate", "a boat", "--model", "gpt-image-2.6-flare", "--json"]
    const [{ file }] = JSON.parse((await run(order)).printed).images
    const again = await run(["replay", `${file}.json`])
    expect(again.noted).toContain("gpt-image-2.6-flare takes no seed.")
    expect(again.noted).not.toContain("--input")
  })

  it("reads a prompt and a picture from standard input, and writes to standard output", async () => {
    const { run } = await createStage()
    const drawn = await run(["generate", "-", ...core, "--out", "-"], "a boat\n")
    const plain = await run(["generate", "a", "boat", ...core, "--out", "-"])
    expect(drawn.bytes.length).toBeGreaterThan(1000)
    expect(drawn.bytes.equals(plain.bytes)).toBe(true)
    const cut = await run(["remove-background", "-", "--out", "-", "--quiet"], drawn.bytes)
    expect(cut).toMatchObject({ code: 0, noted: "" })
    expect(cut.bytes.subarray(1, 4).toString()).toBe("PNG")
  })

  it("shows what a plan keeps, changes and costs, and writes nothing", async () => {
    const { folder, run } = await createStage()
    const { printed, code } = await run(["plan", "a boat", "--size", "1000x1000", "-n", "3"])
    expect(code).toBe(0)
    expect(printed).toMatch(/prompt +a boat +a boat +kept/)
    expect(printed).toMatch(/~ size +1000x1000 +1:1 +mapped/)
    expect(printed).toContain("3 calls")
    expect(printed).toContain("$0.24. Nothing was sent.")
    expect(await readdir(folder)).toEqual([])
  })

  it("refuses above a budget, and reports what was spent", async () => {
    const { run } = await createStage()
    await run(["budget", "set", "--usd", "0.05", "--emulator"])
    expect((await run(["generate", "a boat", ...core])).code).toBe(0)
    const over = await run(["generate", "a boat", ...core])
    expect(over.code).toBe(6)
    expect(over.noted).toContain("limit $0.05, spent $0.04")
    const { printed } = await run(["cost", "--emulator", "--by", "model", "--csv"])
    expect(printed).toContain("stability.stable-image-core-v1:1,1,1,40000,0,0\n")
    expect((await run(["budget", "show", "--emulator"])).printed).toContain("$0.04, 1 pictures")
  })

  it("draws with several models and puts them on one page", async () => {
    const { folder, run } = await createStage()
    const models = "stability.stable-image-core-v1:1,stability.sd3-5-large-v1:0"
    const { code, printed } = await run(["compare", "<a boat>", "--models", models])
    expect(code).toBe(0)
    const page = await readFile(join(folder, printed.trim().split("\n").at(-1) ?? ""), "utf8")
    expect(page.match(/<img /g)).toHaveLength(2)
    expect(page).toContain("&#60;a boat&#62;")
  })

  it.each(["generate", "models", "compare", "cost", "budget", "resolve"])(
    "shows an example in the help of %s",
    async (name) => {
      const { run } = await createStage()
      expect(await run([name, "--help"])).toMatchObject({
        code: 0,
        printed: expect.stringContaining(`Example:\n  pictor ${name} `),
      })
    },
  )

  it("writes a configuration for the credentials that it finds", async () => {
    const { folder, run } = await createStage({ BFL_API_KEY: "secret-key" })
    expect(await run(["init", "--yes"])).toMatchObject({ code: 0, printed: "pictor.json\n" })
    const text = await readFile(join(folder, "pictor.json"), "utf8")
    expect(JSON.parse(text)).toEqual({ providers: ["flux"], out: "out", confirmAbove: 0.5 })
    expect((await run(["doctor"])).printed).toContain(
      "Black Forest Labs: credentials from BFL_API_KEY",
    )
  })
})
