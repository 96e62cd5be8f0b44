import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { createStage } from "./__fixtures__/stage.ts"
import { commandsFor } from "./commands.ts"
import { taskCommands } from "./tasks.ts"

const key = { BFL_API_KEY: "secret-key" }

const failures: readonly (readonly [
  args: readonly string[],
  code: number,
  text: string,
  environment?: NodeJS.ProcessEnv,
])[] = [
  [["generate"], 2, "prompt"],
  [["generate", "a boat", "--colour", "red"], 2, "unknown option '--colour'"],
  [["generate", "a boat", "--seed", "abc"], 2, '--seed must be a number, not "abc"'],
  [["generate", "a boat", "--option", "x"], 2, "--option must look like key=value"],
  [["generate", "a boat", "--tag", "=x"], 2, "--tag must look like key=value"],
  [["generate", "a boat", "--model", "flux-9"], 2, "flux-9"],
  [["generate", "a boat", "--timeout", "0"], 2, "--timeout must be a whole number of seconds"],
  [["generate", "a boat", "-n", "2", "--out", "-"], 2, "--out - takes one picture, not 2"],
  [["generate", "a boat", "--json", "--out", "-"], 2, "both write to standard output"],
  [["generate", "a boat", "--out", "pictor.json/x"], 2, "Pictures cannot be written into"],
  [["generate", "a boat", "--prompt", "b"], 2, "--prompt is also given as an argument"],
  [
    ["generate", "a boat", "--live", "--model", "flux-2-pro"],
    5,
    "Set the environment variable BFL",
  ],
  [
    ["generate", "a boat", "--live", "--model", "flux-2-pro", "-n", "30"],
    3,
    "30 pictures for $0.90",
    key,
  ],
  [["edit", "none.png", "b"], 2, "--image cannot be read from none.png (ENOENT)"],
  [["edit", ".", "b"], 2, "--image cannot be read from ., which is not a file"],
  [["vary", "-", "--mask", "-"], 2, "unknown option '--mask'"],
  [["inpaint", "-", "b", "--mask", "-"], 2, "cannot read standard input"],
  [["outpaint", "pictor.json", "b"], 2, "image"],
  [["erase", "pictor.json", "b"], 2, "too many arguments for 'erase'"],
  [["replace"], 2, "prompt"],
  [["recolor"], 2, "prompt"],
  [["remove-background"], 2, "image"],
  [["upscale", "pictor.json", "--upscale", "huge"], 2, "upscale"],
  [["try-on"], 2, "image"],
  [["control"], 2, "image"],
  [["style-guide"], 2, "prompt"],
  [["style-transfer"], 2, "image"],
  [["color-guided", "a", "--model", "amazon.nova-canvas-v1:0"], 2, "colors"],
  [["plan"], 2, "prompt"],
  [["plan", "edit", "none.png"], 2, "--image cannot be read from none.png"],
  [["models", "flux-9"], 2, "flux-9"],
  [["models", "--task", "dance"], 2, "--task must be one of"],
  [["compare", "a"], 2, "--models"],
  [["compare", "a", "--models", ","], 2, "--models must name 1 to 20 models"],
  [["compare", "a", "--models", "flux-2-pro", "--out", "-"], 2, "--out must be a folder"],
  [["replay", "none.json"], 2, "none.json cannot be read (ENOENT)"],
  [["replay", "pictor.json"], 2, "pictor.json has no recipe"],
  [["cost", "--by", "colour"], 2, '--by has "colour"'],
  [["cost", "--from", "yesterday"], 2, "--from must be a date"],
  [["budget", "set"], 2, "budget set needs --usd or --images"],
  [["budget", "set", "--usd", "-1"], 2, "--usd must be dollars from 0"],
  [["budget", "set", "--usd", "1", "--window", "year"], 2, "--window must be one of"],
  [["catalog", "check", "--all"], 2, "unknown option '--all'"],
  [["unfinished", "--all"], 2, "unknown option '--all'"],
  [["resolve", "nothing", "--spent"], 2, "nothing"],
  [["resolve", "x", "--spent", "--unspent"], 2, "cannot be used with"],
  [["doctor", "--fix"], 2, "unknown option '--fix'"],
  [["init"], 3, "there is no terminal to ask on"],
  [["init", "--yes"], 2, "pictor.json exists already"],
  [["emulate", "dall-e"], 2, "Known are bedrock, openai, gemini, flux"],
  [["emulate", "bedrock", "--port", "70000"], 2, "--port must be a whole number"],
  [["complete", "tcsh"], 2, "complete needs a shell: bash, zsh, fish"],
  [["generat"], 2, "Did you mean generate?"],
]

describe("a wrong command line", () => {
  const cases = failures.map(([args, code, text, more = {}]) => [args, code, text, more] as const)

  it.each(cases)("%j ends with %i", async (args, code, text, environment) => {
    const { folder, run } = await createStage({ ...environment })
    await writeFile(join(folder, "pictor.json"), "{}")
    const { code: ended, noted, printed } = await run(args)
    expect(noted).toContain(text)
    expect(noted).not.toContain("secret-key")
    expect(printed).toBe("")
    expect(ended).toBe(code)
  })

  // The gateway reads the flags of serve; its own tests have a table.
  it("is in the table for every command", () => {
    const [generate] = taskCommands
    const names = generate ? commandsFor(generate).map(({ name }) => name) : []
    expect(names).toContain("plan")
    expect(
      names.filter((name) => name !== "serve" && !failures.some(([[first]]) => first === name)),
    ).toEqual([])
  })

  it.each([
    ["[]", "must be a JSON object"],
    ["{", "is not valid JSON"],
    ['{"modle":"x"}', "Did you mean model?"],
    ['{"confirmAbove":-1}', "confirmAbove must be dollars from 0"],
    ['{"providers":["aws"]}', "known are bedrock, openai"],
  ])("has the configuration %s", async (text, message) => {
    const { folder, run } = await createStage()
    await writeFile(join(folder, "pictor.json"), text)
    expect(await run(["plan", "a boat"])).toMatchObject({
      code: 2,
      noted: expect.stringContaining(message),
    })
  })
})
