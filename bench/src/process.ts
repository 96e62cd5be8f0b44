import { spawnSync } from "node:child_process"
import { join } from "node:path"

const folder = join(import.meta.dirname, "..")

const node = (words: readonly string[]): string => {
  const { status, stdout, stderr } = spawnSync(process.execPath, words, {
    cwd: folder,
    encoding: "utf8",
    env: {},
  })
  if (status !== 0) throw new Error(`node ${words.join(" ")} exited with ${status}: ${stderr}`)
  return stdout
}

export const emptyProgram = ["-e", ""] as const

export const module = (source: string): readonly string[] => ["--input-type=module", "-e", source]

/** Imports packages. */
export const program = (...packages: readonly string[]): readonly string[] =>
  module(packages.map((name) => `import ${JSON.stringify(name)}`).join("; "))

/** Wall-clock milliseconds of a process. */
export const timeProcess = (words: readonly string[]): number => {
  const startMs = performance.now()
  node(words)
  return performance.now() - startMs
}

/** URLs of the module files that a program loads. */
export const loadedBy = (words: readonly string[]): readonly string[] => {
  const recorder = import.meta.resolve("./loaded.ts")
  const listed = node(["--import", recorder, ...words]).split("\n")
  return listed.filter((url) => url !== "" && url !== recorder)
}

export const isAws = (url: string): boolean => /\/(@aws-sdk|@aws-crypto|@smithy|@aws)[/+]/.test(url)
