// Plain JavaScript that the machine's own Node can read: it also has to speak where the installation failed.
import { readFileSync } from "node:fs"

const [path = "out/tests.json", status = "0"] = process.argv.slice(2)

/**
 * The counts of vitest's JSON report; none where there is no report.
 *
 * @returns {{ numPassedTests?: number, numFailedTests?: number, numPendingTests?: number, numTodoTests?: number, success?: boolean }}
 */
const read = () => {
  try {
    return /** @type {ReturnType<typeof read>} */ (JSON.parse(readFileSync(path, "utf8")))
  } catch {
    return {}
  }
}

const report = read()
const passed = report.numPassedTests ?? 0
const skipped = (report.numPendingTests ?? 0) + (report.numTodoTests ?? 0)
const broken = status !== "0" || report.success !== true
const failed = Math.max(report.numFailedTests ?? 0, broken ? 1 : 0)

console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`)
process.exitCode = failed > 0 ? 1 : 0
