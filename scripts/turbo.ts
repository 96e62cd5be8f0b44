import { run } from "./run.ts"

process.exitCode = run(`turbo run ${process.argv.slice(2).join(" ")} --log-order=grouped --output-logs=errors-only`, {
  TURBO_TELEMETRY_DISABLED: "1",
  DO_NOT_TRACK: "1",
})
