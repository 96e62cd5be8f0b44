import { execFileSync } from "node:child_process"
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, symlinkSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { root } from "./workspace.ts"

/** Folders of a package that are the same in a copy: what is installed. */
const installed = "node_modules"

/**
 * A copy of the workspace's files in a temporary folder. What is installed is shared, and packages
 * of the workspace find each other in the copy.
 */
export const copyWorkspace = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "pictor-copy-"))
  const files = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "-z"], { cwd: root })
    .toString()
    .split("\0")
    .filter((file) => file !== "" && existsSync(join(root, file)))
  for (const file of files) {
    mkdirSync(join(folder, dirname(file)), { recursive: true })
    cpSync(join(root, file), join(folder, file))
  }
  symlinkSync(join(root, installed), join(folder, installed))
  const packages = new Set(
    files.filter((file) => file.endsWith("/package.json")).map((file) => dirname(file)),
  )
  for (const each of packages) copyLinks(join(root, each, installed), join(folder, each, installed))
  return folder
}

/** Links are relative: those to other packages of the workspace lead into the copy. */
const copyLinks = (from: string, to: string): void => {
  if (!existsSync(from)) return
  mkdirSync(to)
  for (const name of readdirSync(from))
    cpSync(join(from, name), join(to, name), { recursive: true, verbatimSymlinks: true })
}
