import { spawnSync } from "node:child_process"

/** `node scripts/turbo.ts build [--quiet]`: quiet prints only what failed. */
const words = process.argv.slice(2)
const quiet = words.includes("--quiet")
const tasks = words.filter((word) => word !== "--quiet").join(" ")

const { status, stdout } = spawnSync(
  `turbo run ${tasks} --log-order=grouped --output-logs=errors-only`,
  {
    shell: true,
    stdio: ["ignore", quiet ? "pipe" : "inherit", "inherit"],
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: "1", DO_NOT_TRACK: "1" },
  },
)

if (quiet && status !== 0) process.stderr.write(stdout)
process.exitCode = status ?? 1
