import { expect, test } from "vitest"
import { isAws, loadedBy, program } from "./process.ts"

test("lists AWS modules that are loaded by import or require", () => {
  const imported = loadedBy(program("@aws-sdk/client-bedrock-runtime"))
  expect(imported.some((url) => url.includes("client-bedrock-runtime"))).toBe(true)
  expect(imported.filter(isAws).length).toBeGreaterThan(5)
  const required = loadedBy([
    "--input-type=commonjs",
    "-e",
    'require("@aws-sdk/client-bedrock-runtime")',
  ])
  expect(required.filter(isAws).length).toBeGreaterThan(5)
})

test("lists nothing for an empty program", () => {
  expect(loadedBy(["--input-type=module", "-e", ""])).toEqual([])
})

test("throws if the program fails", () => {
  expect(() => loadedBy(program("no-such-package"))).toThrow("no-such-package")
})
