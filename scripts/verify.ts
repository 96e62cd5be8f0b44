import { rmSync } from "node:fs"
import { run } from "./run.ts"

/**
 * What continuous integration runs, in its order. Every step runs even if an earlier one failed, so
 * that one run shows all there is to fix.
 */
const steps: readonly (readonly [name: string, command: string])[] = [
  ["lint", "node --run lint"],
  ["unused code", "node --run unused"],
  ["types", "node --run typecheck"],
  ["build", "node --run build"],
  [
    "tests",
    "node --run test -- --reporter=default --reporter=json --outputFile.json=out/tests.json",
  ],
  ["packages", "node --run package"],
  ["sizes", "node --run size"],
  ["example", "node --run start"],
]

rmSync("out/tests.json", { force: true })

const results = steps.map(([name, command]) => {
  console.log(`\n▸ ${name}`)
  const startedMs = performance.now()
  const passed = run(command) === 0
  return {
    step: name,
    result: passed ? "passed" : "FAILED",
    seconds: Number(((performance.now() - startedMs) / 1000).toFixed(1)),
  }
})

console.log("")
for (const { step, result, seconds } of results)
  console.log(`${step.padEnd(12)} ${result} ${seconds.toFixed(1).padStart(6)} s`)
process.exitCode = results.every(({ result }) => result === "passed") ? 0 : 1
