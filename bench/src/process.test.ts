import { expect, test } from "vitest"
import { isAws, loadedBy, program } from "./process.ts"

test("AWS modules are seen where they are loaded, by import or by require", () => {
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

test("a program that loads nothing lists nothing", () => {
  expect(loadedBy(["--input-type=module", "-e", ""])).toEqual([])
})

test("a program that fails says so", () => {
  expect(() => loadedBy(program("no-such-package"))).toThrow("no-such-package")
})
