import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createBedrockEmulator } from "@pictor/bedrock-emulator"
import { openLedger } from "@pictor/ledger"
import { afterEach, beforeEach, expect, it } from "vitest"

const main = join(import.meta.dirname, "main.ts")
const fixture = join(import.meta.dirname, "config/__fixtures__/image-generation.yaml")

let folder = ""
const open: (() => Promise<unknown>)[] = []
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "pictor-process-"))
})
afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close()
  await rm(folder, { recursive: true })
})

const ended = async (child: ChildProcess): Promise<number | null> => {
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit")
  return child.exitCode
}

/** The command in a process of its own; gives its address once it says so. */
const start = async (args: readonly string[], environment: Readonly<Record<string, string>> = {}) => {
  const child = spawn(process.execPath, ["--conditions=@pictor/source", main, "--port", "0", ...args], {
    cwd: folder,
    env: { PATH: process.env["PATH"], AWS_EC2_METADATA_DISABLED: "true", ...environment },
  })
  open.push(async () => {
    child.kill("SIGKILL")
    await ended(child)
  })
  const log: Record<string, unknown>[] = []
  const url = await new Promise<string>((resolve, reject) => {
    let text = ""
    child.stdout.on("data", (chunk: Buffer) => {
      const lines = (text + chunk.toString()).split("\n")
      text = lines.pop() ?? ""
      for (const line of lines) log.push(JSON.parse(line) as Record<string, unknown>)
      const listening = log.find(({ msg }) => msg === "listening")
      if (listening) resolve(String(listening["url"]))
    })
    child.once("exit", (code) => reject(new Error(`It ended with ${code}.`)))
  })
  return { child, url, log }
}

const order = (url: string, prompt = "A lighthouse"): Promise<Response> =>
  fetch(`${url}/v1/images/generations`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: "amazon.nova-canvas-v1:0", prompt }),
  })

/** An emulator that holds what it is asked until it is told to go on. */
const emulated = async (latencyMs: number) => {
  const emulator = await createBedrockEmulator({ seed: 1, latencyMs })
  open.push(emulator.close)
  return emulator
}

const asked = async (requests: readonly unknown[], count: number): Promise<void> => {
  while (requests.length < count) await new Promise(setImmediate)
}

it("a signal lets what is under way end, and no image that was asked for is lost", async () => {
  const emulator = await emulated(500)
  const { child, url, log } = await start(["--config", fixture], { AWS_BEDROCK_RUNTIME_ENDPOINT: emulator.url })
  const orders = Array.from({ length: 8 }, () => order(url))
  await asked(emulator.requests, 8)
  child.kill("SIGTERM")
  const answers = await Promise.all(orders.map(async (response) => (await response).status))
  expect(answers).toEqual(Array.from({ length: 8 }, () => 200))
  expect(await ended(child)).toBe(0)
  expect(log.at(-1)).toMatchObject({ msg: "closed" })
  const ledger = await openLedger(`file:${join(folder, "pictor-data/gateway.db")}`)
  expect(await ledger.spend({ by: ["state"] })).toMatchObject([{ group: { state: "settled" }, calls: 8, microUsd: 320_000 }])
  await ledger.close()
})

it("a second signal ends it at once", async () => {
  const emulator = await emulated(60_000)
  const { child, url } = await start(["--config", fixture], { AWS_BEDROCK_RUNTIME_ENDPOINT: emulator.url })
  const lost = order(url).catch(() => "lost")
  await asked(emulator.requests, 1)
  let told = ""
  child.stderr.on("data", (chunk: Buffer) => {
    told += chunk.toString()
    if (told.includes("Shutting down")) child.kill("SIGINT")
  })
  child.kill("SIGTERM")
  expect(await ended(child)).toBe(130)
  expect(await lost).toBe("lost")
})

it("what was under way when it was killed is known afterwards, and it serves again at once", async () => {
  const emulator = await emulated(0)
  const slow = await emulated(60_000)
  const first = await start(["--config", fixture], { AWS_BEDROCK_RUNTIME_ENDPOINT: slow.url })
  const lost = order(first.url).catch(() => "lost")
  await asked(slow.requests, 1)
  first.child.kill("SIGKILL")
  expect(await lost).toBe("lost")
  await ended(first.child)
  const second = await start(["--config", fixture], { AWS_BEDROCK_RUNTIME_ENDPOINT: emulator.url })
  expect((await order(second.url)).status).toBe(200)
  const ledger = await openLedger(`file:${join(folder, "pictor-data/gateway.db")}`, { now: () => Date.now() + 120_000 })
  expect(await ledger.spend({ by: ["state"] })).toMatchObject([
    { group: { state: "lapsed" }, calls: 1, microUsd: 0, maybeMicroUsd: 40_000 },
    { group: { state: "settled" }, calls: 1, microUsd: 40_000 },
  ])
  await ledger.close()
})
