import { readdirSync, readFileSync } from "node:fs"
import { expect, it, vi } from "vitest"
import { bedrock } from "./index.ts"
import { checkNodeVersion } from "./node-version.ts"

it.each(["18.20.8", "20.19.0", "22.17.1"])("Node.js %s is refused with a sentence", (version) => {
  expect(() => checkNodeVersion(version)).toThrow(
    `@pictor/bedrock needs Node.js 22.18 or newer, and this is ${version}. Install a newer Node.js.`,
  )
})

it.each(["22.18.0", "23.0.0", "24.1.0", process.versions.node])(
  "Node.js %s is taken",
  (version) => {
    expect(() => checkNodeVersion(version)).not.toThrow()
  },
)

// A missing named export would end the program before the sentence.
it("no module imports a new function of Node.js by name", () => {
  const files = readdirSync(import.meta.dirname).filter((name) => /^(?!.*test).*\.ts$/.test(name))
  const texts = files.map((name) => readFileSync(`${import.meta.dirname}/${name}`, "utf8"))
  expect(texts.join("\n")).not.toMatch(/import \{[^}]*\} from "node:worker_threads"/)
})

it("bedrock() refuses an old Node.js", () => {
  vi.stubGlobal("process", { ...process, versions: { node: "20.19.0" } })
  expect(() => bedrock()).toThrow("needs Node.js 22.18 or newer, and this is 20.19.0")
  vi.unstubAllGlobals()
})
