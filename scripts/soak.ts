import { execFileSync, spawn } from "node:child_process"
import { mkdirSync, writeFileSync } from "node:fs"
import { cpus, release, totalmem } from "node:os"
import { run } from "./run.ts"

/**
 * The same tests as `pnpm test`, at full counts; what they print is kept in `docs/evidence/soak.md`
 * with the commit and the machine.
 */
const evidence = "docs/evidence/soak.md"

const git = (...words: string[]): string => execFileSync("git", words, { encoding: "utf8" }).trim()

const commit = (): string => {
  const changed = git("status", "--porcelain", "--", ".", `:!${evidence}`) !== ""
  return `${git("rev-parse", "HEAD")}${changed ? " with uncommitted changes" : ""}`
}

const machine = (): string => {
  const processors = cpus()
  const memoryGib = Math.round(totalmem() / 2 ** 30)
  return `${processors[0]?.model.trim() ?? "unknown processor"}, ${processors.length} cores, ${memoryGib} GiB; ${process.platform} ${release()} ${process.arch}`
}

const runTests = (): Promise<{ status: number; output: string }> =>
  new Promise((resolve) => {
    let output = ""
    const tests = spawn("vitest run --reporter=default", {
      shell: true,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, PICTOR_SCALE: "full", NO_COLOR: "1" },
    })
    const keep = (chunk: Buffer): void => {
      output += chunk.toString()
      process.stdout.write(chunk)
    }
    tests.stdout.on("data", keep)
    tests.stderr.on("data", keep)
    tests.on("close", (status) => resolve({ status: status ?? 1, output }))
  })

const page = (facts: Readonly<Record<string, string>>, output: string): string =>
  [
    "# Soak",
    "",
    "`pnpm soak` runs the tests of `pnpm test` at full counts (`PICTOR_SCALE=full`) and writes this page.",
    "",
    "| | |",
    "| --- | --- |",
    ...Object.entries(facts).map(([name, value]) => `| ${name} | ${value} |`),
    "",
    "```text",
    output.replaceAll(process.cwd(), ".").trim(),
    "```",
    "",
  ].join("\n")

const soak = async (): Promise<number> => {
  const built = run("node scripts/turbo.ts build")
  if (built !== 0) return built
  const facts = {
    commit: commit(),
    started: new Date().toISOString(),
    Node: process.version,
    machine: machine(),
  }
  const startedMs = performance.now()
  const { status, output } = await runTests()
  const minutes = ((performance.now() - startedMs) / 60_000).toFixed(1)
  mkdirSync("docs/evidence", { recursive: true })
  writeFileSync(
    evidence,
    page({ ...facts, result: status === 0 ? "passed" : "FAILED", minutes }, output),
  )
  return status
}

process.exitCode = await soak()
