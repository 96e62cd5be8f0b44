import { spawnSync } from "node:child_process"

/** Runs a command of `node_modules/.bin` with the terminal's output; its exit code, or 1 where it could not start. */
export const run = (command: string, environment: Readonly<Record<string, string>> = {}): number => {
  const { status } = spawnSync(command, { shell: true, stdio: "inherit", env: { ...process.env, ...environment } })
  return status ?? 1
}
