import { describe, expect, it } from "vitest"
import { readArguments } from "./args.ts"

const defaults = {
  prompt: "Sri lanka tea plantation.",
  models: [],
  providers: [],
  size: "1536x1024",
  live: false,
  yes: false,
  dryRun: false,
  strict: false,
  out: "out",
}

describe("readArguments", () => {
  it.each([
    ["nothing is the default prompt on the emulator", [], {}],
    ["words are the prompt", ["a", "red bicycle"], { prompt: "a red bicycle" }],
    ["words may stand between options", ["a", "--seed", "0", "cat"], { prompt: "a cat", seed: 0 }],
    ["the -- that pnpm passes on is no prompt", ["--", "--live"], { live: true }],
    [
      "words after a later -- are the prompt",
      ["--yes", "--", "--live"],
      { yes: true, prompt: "--live" },
    ],
    [
      "models may be several, each once",
      ["--model", "a", "--model=b", "--model", "a"],
      { models: ["a", "b"] },
    ],
    ["--strict alone leaves the size to the model", ["--strict"], { strict: true, size: "auto" }],
    [
      "providers may be several, each once",
      ["--provider", "flux", "--provider=openai", "--provider", "flux"],
      { providers: ["flux", "openai"] },
    ],
    [
      "live settings",
      ["--live", "-y", "--region", "eu-west-1"],
      { live: true, yes: true, region: "eu-west-1" },
    ],
    [
      "picture settings",
      ["--n", "2", "--size", "64x64", "--quality", "premium", "--strict"],
      { n: 2, size: "64x64", quality: "premium", strict: true },
    ],
    [
      "a dry run into a folder",
      ["--dry-run", "--out", "pictures"],
      { dryRun: true, out: "pictures" },
    ],
  ])("%s", (_, given, expected) => {
    expect(readArguments(given)).toEqual({ kind: "run", options: { ...defaults, ...expected } })
  })

  it.each([[["--help"]], [["-h", "--live"]]])("shows the help for %j", (given) => {
    expect(readArguments(given)).toEqual({ kind: "help" })
  })

  it.each([
    [["--lives"], "--lives"],
    [["--n", "0"], "--n must be a whole number from 1"],
    [["--n", "1.5"], "--n must be a whole number"],
    [["--seed", "x"], "--seed must be a whole number from 0"],
    [["--seed=-1"], "--seed must be"],
    [["--size", "big"], "--size must look like 1024x768"],
    [["--provider", "acme"], "--provider must be one of bedrock, openai, gemini, flux"],
    [["--provider", "toString"], "--provider must be one of"],
    [["--tour", "edits", "--provider", "flux"], "Omit --provider"],
    [["--model", ""], "--model is blank"],
    [["--out", " "], "--out is blank"],
    [["--region"], "--region"],
    [[" "], "The prompt is blank"],
  ])("refuses %j", (given, message) => {
    const command = readArguments(given)
    expect(command).toEqual({ kind: "wrong", message: expect.stringContaining(message) })
  })
})
