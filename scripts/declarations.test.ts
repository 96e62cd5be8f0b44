import { readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { startLanguageServer } from "./__fixtures__/language-server.ts"
import { install, print } from "./packed.ts"
import { root } from "./workspace.ts"

const tsc = join(root, "node_modules/.bin/tsc")

const client = `
import { createPictor } from "@pictor/core"
import { type NovaCanvasOptions, novaCanvas } from "@pictor/nova-canvas"
import { sd3 } from "@pictor/sd3"
import { titan } from "@pictor/titan"

declare const transport: Parameters<typeof sd3>[0]
export const options: NovaCanvasOptions = { imageGenerationConfig: { cfgScale: 5 } }
export const pictor = createPictor({
  adapters: [novaCanvas(transport), sd3(transport), titan(transport)],
})
export const edited = pictor.generate({ model: "amazon.nova-canvas-v1:0", prompt: "tea", options })
export const drawn = pictor.generate({ model: "stability.stable-image-core-v1:1", prompt: "tea" })
export const { generate } = pictor
`

const compilerOptions = {
  module: "NodeNext",
  target: "ES2023",
  lib: ["ES2023", "DOM"],
  types: [],
  strict: true,
  declaration: true,
  emitDeclarationOnly: true,
}

describe("a module that exports a client of three packed adapters", () => {
  let folder = ""

  beforeAll(async () => {
    const adapters = ["nova-canvas", "sd3", "titan"].map((name) => `packages/adapters/${name}`)
    folder = await install(["packages/core", ...adapters])
    writeFileSync(join(folder, "client.ts"), client)
    writeFileSync(
      join(folder, "tsconfig.json"),
      JSON.stringify({ compilerOptions, files: ["client.ts"] }),
    )
  }, 60_000)

  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it("has declarations of at most 10 kB", async () => {
    expect(await print(tsc, ["-p", "."], folder)).toBe("")
    const declarations = readFileSync(join(folder, "client.d.ts"), "utf8")
    expect(declarations).toContain("NovaCanvasModels")
    expect(declarations.length).toBeLessThanOrEqual(10_000)
  })

  it("has hovers of at most 300 characters", async () => {
    await using server = await startLanguageServer(tsc, folder)
    const file = join(folder, "client.ts")
    for (const before of ["edited = pictor.", "drawn = pictor.", "export const { "]) {
      const hover = await server.hover(file, before, "generate")
      expect(hover, before).toContain("generate")
      expect(hover.length, hover).toBeLessThanOrEqual(300)
    }
  }, 60_000)
})
