import { posix } from "node:path"
import { isDeepStrictEqual } from "node:util"
import { layerOf, layerViolations } from "./layers.ts"
import type { WorkspacePackage } from "./workspace.ts"

/** Checks one package; each violation is a sentence. */
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

/** An adapter's files, and how many lines each may have. */
const adapterFiles: Readonly<Record<string, number>> = {
  "src/index.ts": 80,
  "src/models.ts": 400,
  "src/ended-models.ts": 400,
  "src/prices.ts": 400,
  "src/request.ts": 400,
  "src/response.ts": 400,
  "src/http.ts": 400,
  "src/servers.ts": 400,
  "src/transport.ts": 400,
  "src/xai.ts": 400,
  "src/contract.test.ts": 20,
}

const linesOf = (text: string): number => text.trimEnd().split("\n").length

/** One function that only calls another: `export const encode = (draft) => toBody(draft)`. */
const isWrapper = (text: string): boolean =>
  text.split("=>").length === 2 && /=>\s*\w+\([\w,\s]*\)\s*$/.test(text)

const adapterTemplate: Rule = ({ folder, files }) => {
  if (layerOf(folder) !== "adapter") return []
  const isAllowed = (name: string): boolean =>
    name in adapterFiles ||
    name.startsWith("src/__fixtures__/") ||
    // The cards of a family of many models.
    /^src\/models\/[^/]+\.ts$/.test(name) ||
    /^src\/[^/]+\.test(-d)?\.ts$/.test(name)
  return [
    ...["src/index.ts", "src/contract.test.ts", "src/request.test.ts"]
      .filter((name) => files[name] === undefined)
      .map((name) => `has no ${name}`),
    ...Object.keys(files)
      .filter((name) => name.startsWith("src/") && !isAllowed(name))
      .map((name) => `${name} is not one of an adapter's files`),
    ...Object.entries(adapterFiles)
      .filter(([name, limit]) => linesOf(files[name] ?? "") > limit)
      .map(([name, limit]) => `${name} is longer than ${limit} lines`),
    ...["src/request.ts", "src/response.ts"]
      .filter((name) => isWrapper(files[name] ?? ""))
      .map((name) => `${name} only calls another function: name that function in src/index.ts`),
  ]
}

const adapterFactory: Rule = ({ folder, manifest, files }) => {
  if (layerOf(folder) !== "adapter") return []
  const name = baseName(folder)
  const index = files["src/index.ts"] ?? ""
  return [
    ...check(
      new RegExp(`^export const ${camelCase(name)}(: [^=]+)? = defineAdapter\\(`, "m").test(index),
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

const maxColumns = 100
/** A comment of its own, or one behind code. Behind a quote, the slashes may be in a string. */
const isComment = (line: string): boolean =>
  /^\s*(?:\/\/|\/?\*)/.test(line) || /\s\/\/ [^"'`]*$/.test(line)

/** A single word, such as a URL, cannot be wrapped. */
const isWrappable = (line: string): boolean => /\w\s+\w/.test(line)

/** The formatter wraps code and leaves comments. */
const narrowComments: Rule = ({ files }) => {
  return Object.entries(files)
    .filter(([name]) => name.endsWith(".ts"))
    .flatMap(([name, text]) =>
      text.split("\n").flatMap((line, index) => {
        const isTooLong = line.length > maxColumns && isComment(line) && isWrappable(line)
        return check(
          !isTooLong,
          `${name}:${index + 1} has a comment of more than ${maxColumns} columns`,
        )
      }),
    )
}

/**
 * Core's folders, low to high: an import never points upward. Folders of one rank do not import
 * each other.
 */
const coreRanks: Readonly<Record<string, number>> = {
  lib: 0,
  contract: 1,
  bytes: 2,
  models: 3,
  planning: 4,
  ledger: 5,
  middleware: 5,
  generate: 6,
}

/** `planning/inputs/masks.ts` → `planning`; a file of `src` itself is above all folders. */
const roomOf = (path: string): string => path.split("/").slice(0, -1)[0] ?? ""

const importsOf = (name: string, text: string): readonly string[] =>
  [...text.matchAll(/(?:from|import\() ?"(\.[^"]+)"/g)].map(([, path = ""]) =>
    posix.join(posix.dirname(name), path),
  )

const downwardImports: Rule = ({ folder, files }) => {
  if (layerOf(folder) !== "core") return []
  return Object.entries(files)
    .filter(([name]) => /^src\/.+\.ts$/.test(name) && !/\.test|__fixtures__/.test(name))
    .flatMap(([name, text]) => {
      const room = roomOf(name.slice(4))
      return importsOf(name, text)
        .map((path) => roomOf(path.slice(4)))
        .filter((target) => room !== "" && target !== room)
        .filter((target) => (coreRanks[target] ?? 9) >= (coreRanks[room] ?? -1))
        .map((target) => `${name} imports from ${target || "src"}, which is not below ${room}`)
    })
}

export const rules = {
  inLayer,
  linked,
  published,
  packed,
  adapterTemplate,
  adapterFactory,
  narrowComments,
  downwardImports,
} as const

/** `packages/core: license is not MIT` */
export const layoutViolations = (packages: readonly WorkspacePackage[]): readonly string[] =>
  packages.flatMap((each) =>
    Object.values(rules)
      .flatMap((rule) => rule(each))
      .map((violation) => `${each.folder}: ${violation}`),
  )
