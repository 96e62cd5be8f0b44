import { execFile, spawnSync } from "node:child_process"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { spawn } from "@lydell/node-pty"
import { describe, expect, it, onTestFinished } from "vitest"

const main = join(import.meta.dirname, "main.ts")
const node = ["--conditions=@pictor/source"]

const createFolder = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), "pictor-cli-"))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

const environmentIn = (folder: string): Record<string, string> => ({
  PATH: process.env["PATH"] ?? "",
  HOME: folder,
  TERM: "xterm-256color",
})

interface Screen {
  readonly text: () => string
  readonly type: (text: string) => void
  readonly shows: (text: string) => Promise<void>
  readonly ended: Promise<number>
}

/** The program in a terminal of 100 columns. */
const openTerminal = async (
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Screen> => {
  const folder = await createFolder()
  const terminal = spawn(process.execPath, [...node, main, ...args], {
    cols: 100,
    rows: 40,
    cwd: folder,
    env: { ...environmentIn(folder), ...environment },
  })
  let text = ""
  let changed = (): void => undefined
  terminal.onData((data) => {
    text += data
    changed()
  })
  return {
    text: () => text,
    type: (typed) => terminal.write(typed),
    shows: (wanted) =>
      new Promise((resolve) => {
        changed = () => {
          if (text.includes(wanted)) resolve()
        }
        changed()
      }),
    ended: new Promise((resolve) => terminal.onExit(({ exitCode }) => resolve(exitCode))),
  }
}

const live = ["generate", "a boat", "--live", "--model", "flux-2-pro", "-n", "30"]

describe("pictor in a terminal", () => {
  it("stops at Ctrl-C and says what may be charged", async () => {
    const screen = await openTerminal(["generate", "a boat", "--model", "flux-2-pro"])
    await screen.shows("0 of 1")
    screen.type("\u0003")
    expect(await screen.ended).toBe(130)
    expect(screen.text()).toContain("Stopping…")
    expect(screen.text()).toMatch(/Charged: \$0\.00 to \$0\.03\.|Nothing is charged\./)
  })

  it("asks before it orders above $0.50, and orders nothing at no", async () => {
    const screen = await openTerminal(live, { BFL_API_KEY: "key" })
    await screen.shows("Order 30 pictures for $0.90?")
    screen.type("n")
    expect(await screen.ended).toBe(4)
    expect(screen.text()).toContain("Nothing was ordered and nothing is charged.")
  })

  it("orders nothing at Ctrl-C during the question", async () => {
    const screen = await openTerminal(live, { BFL_API_KEY: "key" })
    await screen.shows("Order 30 pictures for $0.90?")
    screen.type("\u0003")
    expect(await screen.ended).toBe(130)
  })

  it("has colours in a terminal, and none with NO_COLOR", async () => {
    const coloured = await openTerminal(["plan", "a boat"])
    expect(await coloured.ended).toBe(0)
    expect(coloured.text()).toContain("\u001B[1m")
    const plain = await openTerminal(["plan", "a boat"], { NO_COLOR: "1" })
    expect(await plain.ended).toBe(0)
    expect(plain.text()).not.toContain("\u001B[")
  })

  it("shows a picture where the terminal can", async () => {
    const args = ["generate", "a boat", "--model", "stability.stable-image-core-v1:1"]
    const kitty = await openTerminal(args, { TERM: "xterm-kitty" })
    expect(await kitty.ended).toBe(0)
    expect(kitty.text()).toContain("\u001B_Ga=T,f=100")
  })
})

/** Prints every module's address at the end. */
const listModules = `data:text/javascript,import { registerHooks } from "node:module"
const urls = []
registerHooks({ load: (url, context, next) => { urls.push(url); return next(url, context) } })
process.on("exit", () => process.stderr.write(urls.join("\\n")))`.replaceAll("\n", ";")

describe("pictor in a pipe", () => {
  const run = promisify(execFile)

  it("loads neither AWS nor an adapter for its help", async () => {
    const folder = await createFolder()
    const args = [...node, "--import", listModules, main, "--help"]
    const { stdout, stderr } = await run(process.execPath, args, { env: environmentIn(folder) })
    expect(stdout).toContain("Usage: pictor")
    expect(stderr).toContain("apps/cli/src/program.ts")
    expect(stderr).not.toMatch(/@aws-sdk|@smithy|packages\/(bedrock|adapters|ledger)|sharp/)
  })

  it("has no colours, and an early end of the pipe is no error", async () => {
    const folder = await createFolder()
    const command = `"${process.execPath}" ${node.join(" ")} "${main}" models --all | head -1`
    const { stdout } = await run("bash", ["-o", "pipefail", "-c", command], {
      env: environmentIn(folder),
    })
    expect(stdout).not.toContain("\u001B")
  })

  describe.each(["bash", "zsh", "fish"])("the completion script of %s", (shell) => {
    const print = async (): Promise<string> => {
      const args = [...node, main, "complete", shell]
      const environment = environmentIn(await createFolder())
      return (await run(process.execPath, args, { env: environment })).stdout
    }

    it("completes pictor", async () => {
      expect(await print()).toContain("pictor")
    })

    it("is accepted by the shell", async ({ skip }) => {
      const isAbsent = spawnSync(shell, ["--version"]).error !== undefined
      skip(shell !== "bash" && isAbsent, `${shell} is not on this machine`)
      expect(spawnSync(shell, ["-n"], { input: await print() }).status).toBe(0)
    })
  })

  it.each([
    [["complete", "--", "gene"], "generate\t"],
    [["complete", "--", "generate", "--si"], "--size\t"],
    [["complete", "--", "cost", "--p"], "--plot\t"],
  ])("completes %j", async (args, expected) => {
    const folder = await createFolder()
    const { stdout } = await run(process.execPath, [...node, main, ...args], {
      env: environmentIn(folder),
    })
    expect(stdout).toContain(expected)
  })
})
