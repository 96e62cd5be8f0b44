import { isDeepStrictEqual } from "node:util"
import { layerOf, layerViolations } from "./layers.ts"
import type { WorkspacePackage } from "./workspace.ts"

/** Looks at one package; each violation is a sentence. */
type Rule = (each: WorkspacePackage) => readonly string[]

const check = (holds: boolean, violation: string): readonly string[] => (holds ? [] : [violation])

const baseName = (folder: string): string => folder.slice(folder.lastIndexOf("/") + 1)

const camelCase = (kebab: string): string =>
  kebab.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())

const inLayer: Rule = ({ folder, manifest }) => {
  const layer = layerOf(folder)
  return layer === undefined
    ? ["belongs to no layer: name its folder in scripts/layers.ts"]
    : layerViolations(layer, manifest)
}

const linked: Rule = ({ manifest }) =>
  Object.entries({
    ...manifest.dependencies,
    ...manifest.peerDependencies,
    ...manifest.devDependencies,
  })
    .filter(([name, range]) => name.startsWith("@pictor/") && !range.startsWith("workspace:"))
    .map(
      ([name, range]) =>
        `${name} is ${range}: out of this workspace it has to be workspace:^ or workspace:*`,
    )

const published: Rule = ({ folder, manifest, files }) => {
  if (!folder.startsWith("packages/"))
    return check(manifest.private === true, "is not a library: it has to be private")
  return [
    ...check(
      manifest.name === `@pictor/${baseName(folder)}`,
      `is named ${manifest.name}, not as its folder`,
    ),
    ...check(manifest.private === undefined, "is a library: it may not be private"),
    ...check(/^\d+\.\d+\.\d+/.test(manifest.version ?? ""), "has no version"),
    ...check(manifest.license === "MIT", "license is not MIT"),
    ...check(manifest.type === "module", "type is not module"),
    ...check(manifest.sideEffects === false, "sideEffects is not false"),
    ...check(manifest.engines?.["node"] === ">=22.18", "engines.node is not >=22.18"),
    ...check(manifest.repository?.directory === folder, "repository.directory is not its folder"),
    ...check(
      isDeepStrictEqual(manifest.publishConfig, { access: "public", provenance: true }),
      "publishConfig is not public with provenance",
    ),
    ...check(files["README.md"] !== undefined, "has no README.md"),
  ]
}

const entry = (name: string): Readonly<Record<string, string>> => ({
  "@pictor/source": `./src/${name}.ts`,
  types: `./dist/${name}.d.ts`,
  default: `./dist/${name}.js`,
})

const expectedFiles = [
  "dist",
  "src",
  "!src/**/*.test.ts",
  "!src/**/*.test-d.ts",
  "!src/**/__fixtures__",
]

const packed: Rule = ({ folder, manifest }) => {
  if (!folder.startsWith("packages/")) return []
  const { "./package.json": ownManifest, ...entries } = (manifest.exports ?? {}) as Readonly<
    Record<string, unknown>
  >
  return [
    ...check(
      isDeepStrictEqual(entries["."], entry("index")),
      'exports["."] is not source, types and default of index',
    ),
    ...check(ownManifest === "./package.json", "does not export its package.json"),
    ...Object.entries(entries)
      .filter(([path, target]) => path !== "." && !isDeepStrictEqual(target, entry(path.slice(2))))
      .map(([path]) => `exports["${path}"] is not source, types and default of ${path.slice(2)}`),
    ...check(
      isDeepStrictEqual(manifest.files, expectedFiles),
      `files is not ${JSON.stringify(expectedFiles)}`,
    ),
  ]
}

const template = ["src/index.ts", "src/models.ts", "src/request.ts", "src/response.ts"]
const templateTests = ["src/contract.test.ts", "src/request.test.ts", "src/response.test.ts"]
/** echo brings the transport that others are handed. */
const extraFiles: Readonly<Record<string, readonly string[]>> = {
  "packages/adapters/echo": ["src/transport.ts"],
}
const contractLines = 40

const adapterFiles: Rule = ({ folder, files }) => {
  if (layerOf(folder) !== "adapter") return []
  const names = Object.keys(files)
  const allowed = new Set([...template, ...(extraFiles[folder] ?? [])])
  const foreign = names.filter(
    (name) =>
      name.startsWith("src/") &&
      !(
        allowed.has(name) ||
        name.startsWith("src/__fixtures__/") ||
        /^src\/[^/]+\.test(-d)?\.ts$/.test(name)
      ),
  )
  return [
    ...[...template, ...templateTests]
      .filter((name) => !names.includes(name))
      .map((name) => `has no ${name}`),
    ...check(
      names.some((name) => name.startsWith("src/__fixtures__/")),
      "has no src/__fixtures__/",
    ),
    ...foreign.map((name) => `${name} is not one of an adapter's files`),
    ...check(
      (files["src/contract.test.ts"] ?? "").trimEnd().split("\n").length <= contractLines,
      `src/contract.test.ts is longer than ${contractLines} lines`,
    ),
  ]
}

const adapterFactory: Rule = ({ folder, manifest, files }) => {
  if (layerOf(folder) !== "adapter") return []
  const name = baseName(folder)
  const index = files["src/index.ts"] ?? ""
  return [
    ...check(
      new RegExp(`^export const ${camelCase(name)} = defineAdapter\\(`, "m").test(index),
      `src/index.ts does not export ${camelCase(name)} = defineAdapter(…)`,
    ),
    ...check(
      new RegExp(`\\bname: "${name}"`).test(index),
      `src/index.ts does not name the family "${name}"`,
    ),
    ...check(
      index.includes(`version: "${manifest.version}"`),
      `src/index.ts does not say version: "${manifest.version}": run scripts/stamp-versions.ts`,
    ),
  ]
}

export const rules = { inLayer, linked, published, packed, adapterFiles, adapterFactory } as const

/** `packages/core: license is not MIT` */
export const layoutViolations = (packages: readonly WorkspacePackage[]): readonly string[] =>
  packages.flatMap((each) =>
    Object.values(rules)
      .flatMap((rule) => rule(each))
      .map((violation) => `${each.folder}: ${violation}`),
  )
