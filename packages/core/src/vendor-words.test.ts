import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "vitest"

const vendors = /\b(?:AWS|Bedrock|ARN|OpenAI|Gemini|FLUX|Stability|Titan|Nova)\b/i
const isSource = (path: string): boolean =>
  path.endsWith(".ts") && !/\.test(-d)?\.ts$/.test(path) && !path.includes("__fixtures__")

it("names no vendor and no vendor's word, comments included", () => {
  const sources = readdirSync(import.meta.dirname, { recursive: true, encoding: "utf8" })
  const found = sources.filter(isSource).flatMap((path) =>
    readFileSync(join(import.meta.dirname, path), "utf8")
      .split("\n")
      .flatMap((line, index) =>
        vendors.test(line) ? [`${path}:${index + 1} ${line.trim()}`] : [],
      ),
  )
  expect(found).toEqual([])
})
