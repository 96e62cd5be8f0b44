import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { createContext, runInContext } from "node:vm"
import { build } from "esbuild"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { install, link, print, unpack } from "./packed.ts"
import { listFiles, root } from "./workspace.ts"

const tsc = join(root, "node_modules/.bin/tsc")
const node22 = join(root, "scripts/node_modules/node22/bin/node")

const planTea = `
const transport = { name: "none", invoke: async () => { throw new Error("no network") } }
const pictor = createPictor({ adapters: [novaCanvas(transport)] })
const planned = pictor.plan({ model: "amazon.nova-canvas-v1:0", prompt: "tea", seed: 7 })
`
const importing = `import { createPictor } from "@pictor/core"\nimport { novaCanvas } from "@pictor/nova-canvas"\n${planTea}`
const requiring = `const { createPictor } = require("@pictor/core")\nconst { novaCanvas } = require("@pictor/nova-canvas")\n${planTea}`
const printing =
  "planned.then((plan) => console.log(JSON.stringify({ node: process.version, body: plan.calls[0].body })))\n"

const typed = `${importing}
export const model: Promise<string> = planned.then((plan) => plan.model)
// @ts-expect-error: no such task
export const wrong = pictor.plan({ model: "amazon.nova-canvas-v1:0", task: "dance", prompt: "tea" })
// @ts-expect-error: cfgScale is a number
export const alsoWrong = pictor.plan({ model: "amazon.nova-canvas-v1:0", prompt: "tea", options: { imageGenerationConfig: { cfgScale: "much" } } })
`

const body = {
  taskType: "TEXT_IMAGE",
  textToImageParams: { text: "tea" },
  imageGenerationConfig: {
    numberOfImages: 1,
    quality: "standard",
    width: 1024,
    height: 1024,
    cfgScale: 6.5,
    seed: 7,
  },
}

/** What a browser and a Worker have beyond the language itself. */
const webGlobals = {
  AbortController,
  AbortSignal,
  Blob,
  DOMException,
  ReadableStream,
  TextDecoder,
  TextEncoder,
  URL,
  atob,
  btoa,
  clearTimeout,
  console,
  crypto,
  performance,
  queueMicrotask,
  setTimeout,
  structuredClone,
}

const folders: string[] = []
const installed = async (packages: readonly string[]): Promise<string> => {
  const folder = await install(packages)
  folders.push(folder)
  return folder
}

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

describe("core and an adapter, packed", () => {
  let folder = ""

  beforeAll(async () => {
    folder = await installed(["packages/core", "packages/adapters/nova-canvas"])
    writeFileSync(join(folder, "plan.mjs"), importing + printing)
    writeFileSync(join(folder, "plan.cjs"), requiring + printing)
    writeFileSync(join(folder, "typed.ts"), typed)
  }, 60_000)

  it("bring nothing else: no other package of this workspace, no AWS", () => {
    expect(readdirSync(join(folder, "node_modules/@pictor")).toSorted()).toEqual([
      "core",
      "nova-canvas",
    ])
    expect(
      readdirSync(join(folder, "node_modules")).filter((name) => !name.startsWith(".")),
    ).toEqual(["@pictor"])
  })

  it("leave tests and fixtures out, and carry their license and README", () => {
    for (const name of ["core", "nova-canvas"]) {
      const files = listFiles(join(folder, "node_modules/@pictor", name))
      expect(files.filter((file) => /\.test(-d)?\.ts$|__fixtures__/.test(file))).toEqual([])
      for (const kept of ["LICENSE", "README.md"])
        expect(files).toContain(join(folder, "node_modules/@pictor", name, kept))
    }
  })

  it.each(["plan.mjs", "plan.cjs"])("plan from %s", async (file) => {
    expect(JSON.parse(await print(process.execPath, [file], folder))).toEqual({
      node: process.version,
      body,
    })
  })

  it.skipIf(!existsSync(node22)).each(["plan.mjs", "plan.cjs"])(
    "plan from %s on Node 22 (where npm carries it: Linux on x64)",
    async (file) => {
      expect(JSON.parse(await print(node22, [file], folder))).toEqual({ node: "v22.23.3", body })
    },
  )

  it.each(["NodeNext", "bundler"])(
    "have types under moduleResolution %s",
    async (moduleResolution) => {
      if (!existsSync(join(folder, "node_modules/typescript"))) link(folder, "typescript")
      const module = moduleResolution === "NodeNext" ? "NodeNext" : "ESNext"
      const options = {
        module,
        moduleResolution,
        target: "ES2023",
        lib: ["ES2023", "DOM"],
        types: [],
        strict: true,
        noEmit: true,
      }
      const config = join(folder, `tsconfig.${moduleResolution}.json`)
      writeFileSync(config, JSON.stringify({ compilerOptions: options, files: ["typed.ts"] }))
      expect(await print(tsc, ["-p", config], folder)).toBe("")
    },
  )

  it("plan in a browser's bundle, where there are only Web globals", async () => {
    const contents = `${importing}\nglobalThis.planned = planned.then((plan) => JSON.stringify(plan.calls[0].body))`
    const bundle = await build({
      stdin: { contents, resolveDir: folder },
      bundle: true,
      write: false,
      platform: "browser",
      format: "iife",
    })
    const context = createContext({ ...webGlobals })
    runInContext(bundle.outputFiles[0]?.text ?? "", context)
    const planned = (context as { planned?: Promise<string> }).planned
    expect(JSON.parse((await planned) ?? "")).toEqual(body)
  })
})

describe("the ledger, packed", () => {
  let folder = ""
  const keeping = `
const keep = async () => {
  const ledger = await openLedger("file:./" + process.version + ".db")
  await ledger.setBudget({ scope: { everything: true }, window: "day", hard: { images: 1 } })
  const rows = [{ model: "m", task: "text-to-image", images: 1, cost: { microUsd: 7, maybeMicroUsd: 0, unpricedImages: 0 } }]
  const { ids: [id] } = await ledger.reserve({ rows })
  await ledger.settle(id, { cost: rows[0].cost, delivered: 1 })
  const refused = await ledger.reserve({ rows }).catch((error) => [error.code, isImageError(error)])
  console.log(JSON.stringify({ spent: await ledger.spend(), refused }))
  await ledger.close()
}
keep()
`
  const kept = {
    spent: [{ group: {}, calls: 1, images: 1, microUsd: 7, maybeMicroUsd: 0, unpricedImages: 0 }],
    refused: ["budget_exceeded", true],
  }

  beforeAll(async () => {
    folder = await installed(["packages/core"])
    await unpack(folder, "packages/ledger", ["kysely", "pg", "csv-parse", "csv-stringify"])
    writeFileSync(
      join(folder, "keep.mjs"),
      `import { isImageError } from "@pictor/core"\nimport { openLedger } from "@pictor/ledger"\n${keeping}`,
    )
  }, 60_000)

  it.each([process.execPath, node22].filter(existsSync))(
    "keeps a file with %s: the build names node:sqlite, which has no other name",
    async (program) => {
      expect(JSON.parse(await print(program, ["keep.mjs"], folder))).toEqual(kept)
    },
  )

  it("depends on what it says, and on nothing else", () => {
    const { dependencies } = JSON.parse(
      readFileSync(join(folder, "node_modules/@pictor/ledger/package.json"), "utf8"),
    ) as {
      readonly dependencies: object
    }
    expect(Object.keys(dependencies).toSorted()).toEqual([
      "@pictor/core",
      "csv-parse",
      "csv-stringify",
      "kysely",
      "pg",
    ])
  })
})

/** The block of a README that begins with the file's name. */
const shown = (readme: string, file: string): string =>
  readFileSync(join(root, readme), "utf8").split(`\`\`\`ts\n// ${file}\n`)[1]?.split("```")[0] ?? ""

describe("an adapter in a user's own project", () => {
  const readme = "packages/adapters/echo/README.md"
  const adapter = shown(readme, "echo.ts")

  it("is the same file in both READMEs and in echo", () => {
    expect(shown("README.md", "echo.ts")).toBe(adapter)
    expect(readFileSync(join(root, "packages/adapters/echo/src/index.ts"), "utf8")).toBe(
      `${adapter}\nexport { echoTransport } from "./transport.ts"\n`,
    )
  })

  it("passes the packed contract kit", async () => {
    const folder = await installed([
      "packages/core",
      "packages/adapters/echo",
      "packages/testing/adapter-contract",
    ])
    link(folder, "vitest")
    writeFileSync(join(folder, "echo.ts"), adapter)
    writeFileSync(join(folder, "echo.test.ts"), shown(readme, "echo.test.ts"))
    const report = join(folder, "report.json")
    await print(
      process.execPath,
      [
        join(folder, "node_modules/vitest/vitest.mjs"),
        "run",
        "--reporter=default",
        "--reporter=json",
        `--outputFile=${report}`,
      ],
      folder,
    )
    const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(report, "utf8")) as Readonly<
      Record<string, number>
    >
    expect(numFailedTests).toBe(0)
    expect(numPassedTests).toBeGreaterThan(50)
  }, 60_000)
})
