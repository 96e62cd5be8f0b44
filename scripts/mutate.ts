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
import { isShipped, scoresOf, scoreText } from "./mutation/score.ts"
import { type Ending, endingOf, type Outcome, tryStages } from "./mutation/trial.ts"

const help = `pnpm mutate: plants faults in the sources and checks that a test notices each one.

  --count 60    faults to plant
  --seed 1      which faults are drawn; the same seed and sources give the same faults
  --only PATH   plant in files whose path contains this

Each fault is planted in a copy of the workspace. The tests that import the file run first, then those
of its package that reach it, then the nearest of other packages; the first failure ends the run.
Files of tests that time out run once more, each alone; a second timeout counts as found and is
reported apart.

There are two scores: what ships to applications (packages except packages/testing, and
apps/gateway), and the test tools (packages/testing and apps/example). The test tools draw pictures,
and no test fixes the look of a hill. Survivors are printed and written to out/mutate.json.
Exit code 1: a fault survived in what ships.
`

interface Planted {
  readonly file: string
  readonly line: number
  readonly fault: Fault
  readonly before: string
}

interface Verdict extends Planted {
  readonly outcome: Outcome
  readonly seconds: number
}

const testTimeoutMs = 240_000
const bin = (folder: string, name: string): string => join(folder, "node_modules/.bin", name)

const trackedFiles = (): readonly string[] =>
  execFileSync("git", ["ls-files"], { encoding: "utf8" }).trim().split("\n")

const isSource = (file: string): boolean =>
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
    ["-y", "pnpm@12.21.0", "install", "--frozen-lockfile", "--prefer-offline"],
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

/** Characters that are kept of what tests print. */
const outputLimit = 100_000

const runTests = (folder: string, stage: readonly string[]): Promise<Ending> =>
  new Promise((resolve) => {
    const tests = spawn(
      bin(folder, "vitest"),
      ["run", "--bail=1", "--passWithNoTests", "--maxWorkers=1", ...stage],
      {
        cwd: folder,
        stdio: ["ignore", "pipe", "pipe"],
        detached: true,
        env: { ...environmentOf(folder), NO_COLOR: "1" },
      },
    )
    let output = ""
    let isKilled = false
    const keep = (text: Buffer): void => {
      output = (output + text.toString()).slice(-outputLimit)
    }
    tests.stdout.on("data", keep)
    tests.stderr.on("data", keep)
    const timer = setTimeout(() => {
      isKilled = true
      if (tests.pid !== undefined) process.kill(-tests.pid, "SIGKILL")
    }, testTimeoutMs)
    tests.on("close", (status) => {
      clearTimeout(timer)
      resolve(endingOf({ status, isKilled, output }))
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
  try {
    const outcome = await tryStages(stages, (stage) => runTests(folder, stage))
    const seconds = Math.round((performance.now() - startedMs) / 100) / 10
    return { ...planted, outcome, seconds }
  } finally {
    writeFileSync(path, source)
  }
}

const short = (text: string): string => JSON.stringify(text.replaceAll(/\s+/g, " ").slice(0, 60))

const labels = { found: "found   ", timeout: "timeout ", survived: "SURVIVED" } as const

const lineOf = ({ outcome, file, line, fault, before, seconds }: Verdict): string =>
  `${labels[outcome]} ${file}:${line} ${fault.kind}: ${short(before)} → ${short(fault.text)} (${seconds} s)`

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
  const sources = files.filter((file) => isSource(file) && file.includes(values.only))
  const sample = sampleOf(sources.flatMap(faultsIn), Number(values.count), Number(values.seed))
  console.log(`${sample.length} faults in ${sources.length} files, seed ${values.seed}`)
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
  const survivors = verdicts.filter(({ outcome }) => outcome === "survived")
  const scores = scoresOf(verdicts)
  mkdirSync("out", { recursive: true })
  writeFileSync(
    "out/mutate.json",
    `${JSON.stringify({ seed: values.seed, scores, verdicts }, undefined, 2)}\n`,
  )
  console.log(`\n${scores.map(scoreText).join("\n")}`)
  for (const survivor of survivors) console.log(lineOf(survivor))
  return survivors.some(({ file }) => isShipped(file)) ? 1 : 0
}

process.exitCode = await mutate()
