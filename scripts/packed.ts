import { execFile } from "node:child_process"
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { root } from "./workspace.ts"

const execute = promisify(execFile)

/** Only what finds programs: no `npm_*`, no `VITEST`, no `NODE_OPTIONS` of whoever runs this. */
const environment = Object.fromEntries(
  ["PATH", "HOME", "TMPDIR", "NODE_EXTRA_CA_CERTS"].flatMap((name) =>
    process.env[name] ? [[name, process.env[name]]] : [],
  ),
)

/** What the command printed; where it fails, everything it printed is in the error's message. */
export const print = async (
  command: string,
  words: readonly string[],
  folder: string,
): Promise<string> => {
  try {
    const { stdout } = await execute(command, words, {
      cwd: folder,
      env: { ...environment, NO_COLOR: "1" },
    })
    return stdout.trim()
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string }
    throw new Error(`${command} ${words.join(" ")} failed:\n${stdout}\n${stderr}`, { cause: error })
  }
}

const pack = async (folder: string, destination: string): Promise<string> => {
  const before = new Set(readdirSync(destination))
  await print("pnpm", ["pack", "--pack-destination", destination], join(root, folder))
  const tarball = readdirSync(destination).find((name) => !before.has(name))
  if (tarball === undefined) throw new Error(`${folder} was not packed`)
  return join(destination, tarball)
}

/**
 * An empty folder outside the workspace in which the packages are installed from their tarballs,
 * with no network and an empty cache.
 */
export const install = async (packages: readonly string[]): Promise<string> => {
  const folder = mkdtempSync(join(tmpdir(), "pictor-packed-"))
  const tarballs = join(folder, "tarballs")
  mkdirSync(tarballs)
  writeFileSync(
    join(folder, "package.json"),
    JSON.stringify({ name: "outsider", private: true, type: "module" }),
  )
  const paths: string[] = []
  for (const each of packages) paths.push(await pack(each, tarballs))
  const quiet = ["--no-audit", "--no-fund", "--legacy-peer-deps", "--cache", join(folder, "cache")]
  await print("npm", ["install", "--offline", ...quiet, ...paths], folder)
  return folder
}

/**
 * Unpacks a package into an installed folder and links what it depends on from outside the
 * workspace, which no empty cache has.
 */
export const unpack = async (
  folder: string,
  each: string,
  dependencies: readonly string[],
): Promise<void> => {
  const { name } = JSON.parse(readFileSync(join(root, each, "package.json"), "utf8")) as {
    readonly name: string
  }
  const place = join(folder, "node_modules", name)
  mkdirSync(place, { recursive: true })
  await print(
    "tar",
    ["-xzf", await pack(each, join(folder, "tarballs")), "-C", place, "--strip-components=1"],
    folder,
  )
  for (const dependency of dependencies) link(folder, dependency, each)
}

/** Links a package that a folder of the workspace has into an installed folder. */
export const link = (folder: string, name: string, from = "."): void =>
  symlinkSync(join(root, from, "node_modules", name), join(folder, "node_modules", name))
