import { spawnSync } from "node:child_process"

/**
 * Runs a command of `node_modules/.bin` with the terminal's output; its exit code, or 1 where it
 * could not start.
 */
export const run = (command: string): number => {
  const { status } = spawnSync(command, {
    shell: true,
    stdio: "inherit",
    env: { ...process.env, NO_COLOR: "1" },
  })
  return status ?? 1
}
