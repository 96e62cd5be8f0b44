import { describe, expect, it } from "vitest"
import { layoutViolations } from "./layout.ts"
import { type Manifest, readWorkspace, type WorkspacePackage } from "./workspace.ts"

const library = (
  folder: string,
  manifest: Partial<Manifest> = {},
  files: Readonly<Record<string, string>> = {},
): WorkspacePackage => ({
  folder,
  manifest: {
    name: `@pictor/${folder.split("/").at(-1)}`,
    version: "1.2.3",
    license: "MIT",
    type: "module",
    sideEffects: false,
    engines: { node: ">=22.18" },
    repository: { directory: folder },
    publishConfig: { access: "public", provenance: true },
    exports: {
      ".": {
        "@pictor/source": "./src/index.ts",
        types: "./dist/index.d.ts",
        default: "./dist/index.js",
      },
      "./package.json": "./package.json",
    },
    files: ["dist", "src", "!src/**/*.test.ts", "!src/**/*.test-d.ts", "!src/**/__fixtures__"],
    ...manifest,
  },
  files: { "README.md": "", "src/index.ts": "", ...files },
})

const coreDependency = { "@pictor/core": "workspace:^" }

const adapter = (
  manifest: Partial<Manifest> = {},
  files: Readonly<Record<string, string | undefined>> = {},
): WorkspacePackage => {
  const all = {
    "src/index.ts":
      'export const oilPaint = defineAdapter({ name: "oil-paint", version: "1.2.3", models, decode })\n',
    "src/models.ts": "",
    "src/contract.test.ts": "1\n".repeat(15),
    "src/request.test.ts": "",
    "src/__fixtures__/reply.json": "{}",
    ...files,
  }
  const present = Object.fromEntries(
    Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
  return library(
    "packages/adapters/oil-paint",
    { dependencies: coreDependency, ...manifest },
    present,
  )
}

const core = (manifest: Partial<Manifest> = {}): WorkspacePackage =>
  library("packages/core", manifest)

const planted: readonly (readonly [
  rule: string,
  violating: WorkspacePackage,
  violation: string,
])[] = [
  [
    "core has no runtime dependency",
    core({ dependencies: { zod: "^4" } }),
    "core: may not depend on zod",
  ],
  ["core has no peer", core({ peerDependencies: { zod: "^4" } }), "core: may not depend on zod"],
  [
    "core's tests use no workspace package",
    core({ devDependencies: { "@pictor/echo": "workspace:*" } }),
    "core: may not name @pictor/echo in devDependencies",
  ],
  ...["packages/bedrock", "packages/images", "packages/ledger"].map(
    (folder) =>
      [
        "a library depends on core alone",
        library(folder, { dependencies: { "@pictor/echo": "workspace:^" } }),
        "library: may not depend on @pictor/echo",
      ] as const,
  ),
  [
    "a library's tests use core and the emulator alone",
    library("packages/bedrock", { devDependencies: { "@pictor/echo": "workspace:*" } }),
    "library: may not name @pictor/echo in devDependencies",
  ],
  [
    "the kit depends on core alone",
    library("packages/testing/adapter-contract", {
      peerDependencies: { "@pictor/bedrock": "workspace:^" },
    }),
    "kit: may not depend on @pictor/bedrock",
  ],
  [
    "a bridge depends on core alone",
    library("packages/bridges/mcp", { dependencies: { "@pictor/bedrock": "workspace:^" } }),
    "bridge: may not depend on @pictor/bedrock",
  ],
  [
    "an emulator depends on the emulator kit alone",
    library("packages/testing/bedrock-emulator", { dependencies: coreDependency }),
    "emulator: may not depend on @pictor/core",
  ],
  [
    "the emulator kit depends on no workspace package",
    library("packages/testing/emulator-kit", { dependencies: coreDependency }),
    "emulator-kit: may not depend on @pictor/core",
  ],
  [
    "an adapter depends on no transport",
    adapter({ dependencies: { ...coreDependency, "@pictor/bedrock": "workspace:^" } }),
    "adapter: may not depend on @pictor/bedrock",
  ],
  [
    "an adapter depends on no other adapter",
    adapter({ dependencies: { ...coreDependency, "@pictor/echo": "workspace:^" } }),
    "adapter: may not depend on @pictor/echo",
  ],
  [
    "an adapter depends on no npm package",
    adapter({ dependencies: { ...coreDependency, zod: "^4" } }),
    "adapter: may not depend on zod",
  ],
  [
    "an adapter's tests use no other adapter",
    adapter({ devDependencies: { "@pictor/titan": "workspace:*" } }),
    "adapter: may not name @pictor/titan in devDependencies",
  ],
  [
    "an adapter's tests use no AWS client",
    adapter({ devDependencies: { "@aws-sdk/x": "3" } }),
    "adapter: may not name @aws-sdk/x in devDependencies",
  ],
  [
    "every package has a layer",
    library("packages/extras"),
    "belongs to no layer: name its folder in scripts/layers.ts",
  ],
  [
    "workspace packages are linked",
    library("packages/bedrock", { dependencies: { "@pictor/core": "^0.1.0" } }),
    "@pictor/core is ^0.1.0: out of this workspace it has to be workspace:^ or workspace:*",
  ],
  [
    "an app is private",
    { ...library("apps/cli"), files: {} },
    "is not a library: it has to be private",
  ],
  ["a library is public", core({ private: true }), "is a library: it may not be private"],
  [
    "a package is named as its folder",
    core({ name: "@pictor/kernel" }),
    "is named @pictor/kernel, not as its folder",
  ],
  ["a package has a version", core({ version: "" }), "has no version"],
  ["a package is MIT", core({ license: "ISC" }), "license is not MIT"],
  ["a package is a module", core({ type: "commonjs" }), "type is not module"],
  ["a package has no side effects", core({ sideEffects: true }), "sideEffects is not false"],
  ["a package names its Node", core({ engines: {} }), "engines.node is not >=22.18"],
  [
    "a package names its folder in the repository",
    core({ repository: {} }),
    "repository.directory is not its folder",
  ],
  [
    "a package is published with provenance",
    core({ publishConfig: {} }),
    "publishConfig is not public with provenance",
  ],
  ["a package has a README", { ...core(), files: {} }, "has no README.md"],
  [
    "a package is found by its types",
    core({ exports: { ".": "./dist/index.js", "./package.json": "./package.json" } }),
    'exports["."] is not source, types and default of index',
  ],
  ["a package leaves its tests out", core({ files: ["dist", "src"] }), "files is not"],
  [
    "an adapter has its contract test",
    adapter({}, { "src/contract.test.ts": undefined }),
    "has no src/contract.test.ts",
  ],
  [
    "an adapter's contract test is one call",
    adapter({}, { "src/contract.test.ts": "1\n".repeat(21) }),
    "src/contract.test.ts is longer than 20 lines",
  ],
  [
    "an adapter has request tests",
    adapter({}, { "src/request.test.ts": undefined }),
    "has no src/request.test.ts",
  ],
  [
    "an adapter has no empty encode",
    adapter(
      {},
      {
        "src/request.ts": "export const encode = (draft: CallDraft): JsonObject => toBody(draft)\n",
      },
    ),
    "src/request.ts only calls another function: name that function in src/index.ts",
  ],
  [
    "an adapter has no empty decode",
    adapter(
      {},
      {
        "src/response.ts":
          "export const decode = (reply: unknown, count: number) =>\n  decodeImageList(reply, count)\n",
      },
    ),
    "src/response.ts only calls another function: name that function in src/index.ts",
  ],
  [
    "an adapter's index is one page",
    adapter(
      {},
      {
        "src/index.ts": `export const oilPaint = defineAdapter({ name: "oil-paint", version: "1.2.3" })\n${"1\n".repeat(80)}`,
      },
    ),
    "src/index.ts is longer than 80 lines",
  ],
  [
    "an adapter has no file beyond the template",
    adapter({}, { "src/masks.ts": "" }),
    "src/masks.ts is not one of an adapter's files",
  ],
  [
    "an adapter exports its factory by its own name",
    adapter(
      {},
      {
        "src/index.ts": 'export const oil = defineAdapter({ name: "oil-paint", version: "1.2.3" })',
      },
    ),
    "src/index.ts does not export oilPaint = defineAdapter(…)",
  ],
  [
    "an adapter's family is named as its folder",
    adapter(
      {},
      {
        "src/index.ts": 'export const oilPaint = defineAdapter({ name: "oil", version: "1.2.3" })',
      },
    ),
    'src/index.ts does not name the family "oil-paint"',
  ],
  [
    "an adapter says the version that it is published with",
    adapter({ version: "1.3.0" }),
    'src/index.ts does not say version: "1.3.0": run scripts/stamp-versions.ts',
  ],
  [
    "core imports nothing from above",
    library(
      "packages/core",
      {},
      {
        "src/planning/plan.ts": 'import { send } from "../generate/generate.ts"',
      },
    ),
    "src/planning/plan.ts imports from generate, which is not below planning",
  ],
  [
    "core's ledger and middleware do not see each other",
    library(
      "packages/core",
      {},
      { "src/ledger/row.ts": 'import type { Log } from "../middleware/logger.ts"' },
    ),
    "src/ledger/row.ts imports from middleware, which is not below ledger",
  ],
  [
    "a comment has at most 100 columns",
    adapter({}, { "src/models.ts": `/** ${"word ".repeat(20)}*/` }),
    "src/models.ts:1 has a comment of more than 100 columns",
  ],
  [
    "so has a comment behind code",
    adapter({}, { "src/models.ts": `const one = 1 // ${"word ".repeat(20)}` }),
    "src/models.ts:1 has a comment of more than 100 columns",
  ],
]

describe("layout", () => {
  it("is kept by every package of the workspace", () => {
    const packages = readWorkspace()
    expect(packages.map(({ folder }) => folder)).toContain("packages/core")
    expect(layoutViolations(packages)).toEqual([])
  })

  it("accepts an adapter of one file, and one with an encode and a decode of its own", () => {
    const own = "export const decode = (reply: unknown) => [reply].map((each) => read(each))\n"
    expect(
      layoutViolations([
        adapter({}, { "src/models.ts": undefined, "src/__fixtures__/reply.json": undefined }),
        adapter({}, { "src/request.ts": own, "src/response.ts": own }),
      ]),
    ).toEqual([])
  })

  it("accepts a sound library, a sound adapter and a private app", () => {
    const app: WorkspacePackage = {
      folder: "apps/cli",
      manifest: { name: "pictor", private: true, dependencies: { hono: "^4" } },
      files: {},
    }
    expect(layoutViolations([core(), adapter(), app])).toEqual([])
  })

  it("accepts a long string", () => {
    const text = `const url = "https://example.com/${"long/".repeat(20)}"`
    expect(layoutViolations([adapter({}, { "src/models.ts": text })])).toEqual([])
  })

  it.each(planted)("reports a planted violation: %s", (_, violating, violation) => {
    expect(layoutViolations([violating])).toEqual([
      expect.stringContaining(`${violating.folder}: ${violation}`),
    ])
  })
})
