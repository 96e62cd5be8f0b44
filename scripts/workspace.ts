import { existsSync, globSync, readdirSync, readFileSync } from "node:fs"
import { join, relative } from "node:path"

export interface Manifest {
  readonly name: string
  readonly version?: string
  readonly private?: boolean
  readonly license?: string
  readonly type?: string
  readonly sideEffects?: boolean
  readonly exports?: unknown
  readonly files?: readonly string[]
  readonly engines?: Readonly<Record<string, string>>
  readonly repository?: { readonly directory?: string }
  readonly publishConfig?: unknown
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
}

export interface WorkspacePackage {
  /** `packages/adapters/echo` */
  readonly folder: string
  readonly manifest: Manifest
  /** Path inside the package → text. */
  readonly files: Readonly<Record<string, string>>
}

export const root = join(import.meta.dirname, "..")

const generated = new Set(["node_modules", "dist", ".turbo", "coverage"])

export const listFiles = (folder: string): readonly string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (generated.has(entry.name)) return []
    return entry.isDirectory() ? listFiles(path) : [path]
  })

const readPackage = (folder: string): WorkspacePackage => {
  const path = join(root, folder)
  const files = listFiles(path).map(
    (file) => [relative(path, file).replaceAll("\\", "/"), readFileSync(file, "utf8")] as const,
  )
  return {
    folder,
    manifest: JSON.parse(readFileSync(join(path, "package.json"), "utf8")) as Manifest,
    files: Object.fromEntries(files),
  }
}

/** Every folder of `pnpm-workspace.yaml` that holds a package. */
export const readWorkspace = (): readonly WorkspacePackage[] => {
  const patterns = [
    ...readFileSync(join(root, "pnpm-workspace.yaml"), "utf8").matchAll(/^ {2}- (\S+)$/gm),
  ].map((match) => match[1] ?? "")
  return globSync(patterns, { cwd: root })
    .map((folder) => folder.replaceAll("\\", "/"))
    .filter((folder) => existsSync(join(root, folder, "package.json")))
    .toSorted()
    .map(readPackage)
}
