import { execFileSync, spawn } from "node:child_process"
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { parseArgs } from "node:util"
import { type Fault, faultsOf, plant } from "./mutation/faults.ts"
import { type Entries, type Importers, importersOf, testsNear } from "./mutation/nearest.ts"
import { sampleOf } from "./mutation/sample.ts"

const help = `pnpm mutate: plants faults in shipped code and checks that a test notices each one.

  --count 60    faults to plant
  --seed 1      which faults are drawn; the same seed and sources give the same faults
  --only PATH   plant in files whose path contains this

Each fault is planted in a copy of the workspace. The tests that import the file run first, then those
of its package that reach it, then the nearest of other packages; the first failure ends the run.
Survivors are printed and written to out/mutate.json. Exit code 1: a survivor was found.
`

interface Planted {
  readonly file: string
  readonly line: number
  readonly fault: Fault
  readonly before: string
}

interface Verdict extends Planted {
  readonly found: boolean
  readonly seconds: number
}

const testTimeoutMs = 240_000
const bin = (folder: string, name: string): string => join(folder, "node_modules/.bin", name)

const trackedFiles = (): readonly string[] =>
  execFileSync("git", ["ls-files"], { encoding: "utf8" }).trim().split("\n")

const isShipped = (file: string): boolean =>
  /^(packages|apps)\/.+\/src\/.+\.ts$/.test(file) &&
  !/\.test(-d)?\.ts$|__fixtures__|^apps\/example\/src\/across\//.test(file)

const faultsIn = (file: string): readonly Planted[] => {
  const source = readFileSync(file, "utf8")
  return faultsOf(source).map((fault) => ({
    file,
    fault,
    line: source.slice(0, fault.start).split("\n").length,
    before: source.slice(fault.start, fault.end),
  }))
}

const environmentOf = (folder: string): NodeJS.ProcessEnv => ({
  ...process.env,
  CI: "true",
  PATH: `${join(folder, "node_modules/.bin")}:${process.env["PATH"]}`,
})

/** A copy of the workspace and its builds, with dependencies of its own. */
const copyWorkspace = (files: readonly string[]): string => {
  const folder = mkdtempSync(join(tmpdir(), "pictor-mutate-"))
  for (const file of files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    cpSync(file, join(folder, file))
  }
  const options = { cwd: folder, stdio: "ignore" } as const
  execFileSync("git", ["init", "-q"], options)
  execFileSync(
    "npx",
    ["-y", "pnpm@12", "install", "--frozen-lockfile", "--prefer-offline"],
    options,
  )
  for (const dist of globSync("{packages,apps}/**/dist", { exclude: ["**/node_modules"] }))
    cpSync(dist, join(folder, dist), { recursive: true })
  return folder
}

/** The source files that packages name in their `exports`. */
const entriesIn = (files: readonly string[]): Entries => {
  const entries = new Map<string, string>()
  for (const file of files.filter((each) => each.endsWith("/package.json"))) {
    const { name, exports } = JSON.parse(readFileSync(file, "utf8")) as {
      readonly name: string
      readonly exports?: Readonly<Record<string, { readonly "@pictor/source"?: string } | string>>
    }
    for (const [path, entry] of Object.entries(exports ?? {})) {
      const source = typeof entry === "string" ? undefined : entry["@pictor/source"]
      if (source !== undefined) entries.set(join(name, path), join(dirname(file), source))
    }
  }
  return entries
}

const importersIn = (files: readonly string[]): Importers =>
  importersOf(
    new Map(
      files
        .filter((file) => file.endsWith(".ts"))
        .map((file) => [file, readFileSync(file, "utf8")] as const),
    ),
    entriesIn(files),
  )

/** True where a test fails, or the tests do not end in time. */
const fails = (folder: string, stage: readonly string[]): Promise<boolean> =>
  new Promise((resolve) => {
    const tests = spawn(
      bin(folder, "vitest"),
      ["run", "--bail=1", "--passWithNoTests", "--maxWorkers=1", ...stage],
      {
        cwd: folder,
        stdio: "ignore",
        detached: true,
        env: environmentOf(folder),
      },
    )
    const timer = setTimeout(() => {
      if (tests.pid !== undefined) process.kill(-tests.pid, "SIGKILL")
    }, testTimeoutMs)
    tests.on("close", (status) => {
      clearTimeout(timer)
      resolve(status !== 0)
    })
  })

const judge = async (
  folder: string,
  planted: Planted,
  stages: readonly (readonly string[])[],
): Promise<Verdict> => {
  const startedMs = performance.now()
  const path = join(folder, planted.file)
  const source = readFileSync(path, "utf8")
  writeFileSync(path, plant(source, planted.fault))
  let found = false
  try {
    for (const stage of stages) {
      found = await fails(folder, stage)
      if (found) break
    }
  } finally {
    writeFileSync(path, source)
  }
  return { ...planted, found, seconds: Math.round((performance.now() - startedMs) / 100) / 10 }
}

const short = (text: string): string => JSON.stringify(text.replaceAll(/\s+/g, " ").slice(0, 60))

const lineOf = ({ found, file, line, fault, before, seconds }: Verdict): string =>
  `${found ? "found   " : "SURVIVED"} ${file}:${line} ${fault.kind}: ${short(before)} → ${short(fault.text)} (${seconds} s)`

const mutate = async (): Promise<number> => {
  const { values } = parseArgs({
    options: {
      count: { type: "string", default: "60" },
      seed: { type: "string", default: "1" },
      only: { type: "string", default: "" },
      help: { type: "boolean", short: "h", default: false },
    },
  })
  if (values.help) {
    console.log(help)
    return 0
  }
  const files = trackedFiles().filter((file) => existsSync(file))
  const shipped = files.filter((file) => isShipped(file) && file.includes(values.only))
  const sample = sampleOf(shipped.flatMap(faultsIn), Number(values.count), Number(values.seed))
  console.log(`${sample.length} faults in ${shipped.length} files, seed ${values.seed}`)
  const importers = importersIn(files)
  const folders = [copyWorkspace(files), copyWorkspace(files)]
  const queue = sample.values()
  const verdicts: Verdict[] = []
  const work = async (folder: string): Promise<void> => {
    for (const planted of queue) {
      const verdict = await judge(folder, planted, testsNear(planted.file, importers))
      verdicts.push(verdict)
      console.log(lineOf(verdict))
    }
  }
  await Promise.all(folders.map(work))
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
  const survivors = verdicts.filter(({ found }) => !found)
  const score = ((verdicts.length - survivors.length) / Math.max(1, verdicts.length)) * 100
  mkdirSync("out", { recursive: true })
  writeFileSync(
    "out/mutate.json",
    `${JSON.stringify({ seed: values.seed, score, verdicts }, undefined, 2)}\n`,
  )
  console.log(
    `\n${verdicts.length - survivors.length} of ${verdicts.length} found (${score.toFixed(1)} %)`,
  )
  for (const survivor of survivors) console.log(lineOf(survivor))
  return survivors.length === 0 ? 0 : 1
}

process.exitCode = await mutate()
