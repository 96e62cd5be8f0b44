import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"

const root = join(import.meta.dirname, "../packages/core/src")
const vendors = /\b(?:AWS|Bedrock|ARN|OpenAI|Gemini|FLUX|Stability|Titan|Nova)\b/i

const isSource = (path: string): boolean =>
  path.endsWith(".ts") && !/\.test(-d)?\.ts$/.test(path) && !path.includes("__fixtures__")

const vendorWordsIn = (path: string): readonly string[] =>
  readFileSync(join(root, path), "utf8")
    .split("\n")
    .flatMap((line, index) => (vendors.test(line) ? [`${path}:${index + 1} ${line.trim()}`] : []))

describe("core's source", () => {
  it("has no vendor's name and no vendor's word, comments included", () => {
    const paths = readdirSync(root, { recursive: true, encoding: "utf8" }).filter(isSource)
    expect(paths.length).toBeGreaterThan(50)
    expect(paths.flatMap(vendorWordsIn)).toEqual([])
  })
})
