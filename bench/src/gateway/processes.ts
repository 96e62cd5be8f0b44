import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { type AddressInfo, connect, createServer } from "node:net"
import { availableParallelism } from "node:os"
import { fileURLToPath } from "node:url"

/** The measured server has core 0; upstream and load share core 1. */
export type Core = 0 | 1

const canPin = availableParallelism() > 1 && spawnSync("taskset", ["-c", "0", "true"]).status === 0

export const pinning = canPin
  ? "gateway on core 0, load and upstream on core 1"
  : "not pinned: taskset or a second core is missing"

/** A Node child process on one core, without the AWS settings of the environment. */
export const startOn = (
  core: Core,
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
): ChildProcess => {
  const inherited = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(AWS|NODE)_/.test(name)),
  )
  const command = [
    ...(canPin ? ["taskset", "-c", String(core)] : []),
    process.execPath,
    "--expose-gc",
    ...words,
  ]
  return spawn(command[0] ?? "", command.slice(1), {
    // A server's output is not part of the results; its exit is detected by its caller.
    stdio: ["ignore", "ignore", core === 0 ? "ignore" : "inherit", "ipc"],
    env: { ...inherited, ...env },
    serialization: "advanced",
  })
}

export const script = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

export const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })

const isOpen = async (port: number): Promise<boolean> => {
  const socket = connect(port, "127.0.0.1")
  const opened = await Promise.race([
    once(socket, "connect").then(() => true),
    once(socket, "error").then(() => false),
  ]).catch(() => false)
  socket.destroy()
  return opened
}

/** Resolves when the port is open. Throws if the process exits first or after 30 s. */
export const listening = async (child: ChildProcess, port: number): Promise<void> => {
  const untilMs = performance.now() + 30_000
  while (!(await isOpen(port))) {
    if (child.exitCode !== null)
      throw new Error(`${child.spawnargs.join(" ")} ended with ${child.exitCode}`)
    if (performance.now() > untilMs) throw new Error(`${child.spawnargs.join(" ")} does not listen`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
