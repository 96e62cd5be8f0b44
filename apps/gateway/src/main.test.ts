import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createBedrockEmulator } from "@pictor/bedrock-emulator"
import { openLedger } from "@pictor/ledger"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { type Served, startCommand, startServing } from "./end-to-end/__fixtures__/command.ts"

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

/** The command in its own process, after it serves. */
const start = async (
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Served> => {
  const served = await startServing({ args, folder, environment })
  open.push(async () => {
    served.signal("SIGKILL")
    await served.ended
  })
  return served
}

const order = (url: string, prompt = "A lighthouse"): Promise<Response> =>
  fetch(`${url}/v1/images/generations`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: "amazon.nova-canvas-v1:0", prompt }),
  })

/** An emulator that delays its replies until the test releases them. */
const emulated = async (latencyMs: number) => {
  const emulator = await createBedrockEmulator({ seed: 1, latencyMs })
  open.push(emulator.close)
  return emulator
}

const asked = async (requests: readonly unknown[], count: number): Promise<void> => {
  while (requests.length < count) await new Promise(setImmediate)
}

it("finishes requests in flight on a signal, so that no image is lost", async () => {
  const emulator = await emulated(500)
  const { url, log, signal, ended } = await start(["--config", fixture], {
    AWS_BEDROCK_RUNTIME_ENDPOINT: emulator.url,
  })
  const orders = Array.from({ length: 8 }, () => order(url))
  await asked(emulator.requests, 8)
  signal("SIGTERM")
  const answers = await Promise.all(orders.map(async (response) => (await response).status))
  expect(answers).toEqual(Array.from({ length: 8 }, () => 200))
  expect(await ended).toBe(0)
  expect(log.at(-1)).toMatchObject({ msg: "closed" })
  const ledger = await openLedger(`file:${join(folder, "pictor-data/gateway.db")}`)
  expect(await ledger.spend({ by: ["state"] })).toMatchObject([
    { group: { state: "settled" }, calls: 8, microUsd: 320_000 },
  ])
  await ledger.close()
})

it("exits at once on a second signal", async () => {
  const emulator = await emulated(60_000)
  const { url, signal, tells, ended } = await start(["--config", fixture], {
    AWS_BEDROCK_RUNTIME_ENDPOINT: emulator.url,
  })
  const lost = order(url).catch(() => "lost")
  await asked(emulator.requests, 1)
  signal("SIGTERM")
  await tells("Shutting down")
  signal("SIGINT")
  expect(await ended).toBe(130)
  expect(await lost).toBe("lost")
})

it("knows the calls that a kill interrupted and serves at once after a restart", async () => {
  const emulator = await emulated(0)
  const slow = await emulated(60_000)
  const first = await start(["--config", fixture], { AWS_BEDROCK_RUNTIME_ENDPOINT: slow.url })
  const lost = order(first.url).catch(() => "lost")
  await asked(slow.requests, 1)
  first.signal("SIGKILL")
  expect(await lost).toBe("lost")
  await first.ended
  const second = await start(["--config", fixture], { AWS_BEDROCK_RUNTIME_ENDPOINT: emulator.url })
  expect((await order(second.url)).status).toBe(200)
  const ledger = await openLedger(`file:${join(folder, "pictor-data/gateway.db")}`, {
    now: () => Date.now() + 120_000,
  })
  expect(await ledger.spend({ by: ["state"] })).toMatchObject([
    { group: { state: "lapsed" }, calls: 1, microUsd: 0, maybeMicroUsd: 40_000 },
    { group: { state: "settled" }, calls: 1, microUsd: 40_000 },
  ])
  await ledger.close()
})

describe("the command exits", () => {
  const run = async (...args: readonly string[]) => {
    const command = startCommand({ args, folder })
    const code = await command.ended
    return { code, out: command.said("stdout"), err: command.said("stderr") }
  }

  it("with 0 after --check, without serving", async () => {
    const { code, out, err } = await run("--config", fixture, "--check")
    expect([code, out]).toEqual([
      0,
      expect.stringMatching(/^amazon\.nova-canvas-v1:0 .* us-east-1 /m),
    ])
    expect(err).toMatch(/^warning: .*aws_secret_access_id/)
    expect(await readdir(folder)).toEqual([])
  })

  it("with 2 for a public host without a master key", async () => {
    const { code, err } = await run("--config", fixture, "--host", "0.0.0.0", "--port", "0")
    expect([code, err]).toEqual([2, expect.stringMatching(/^--host 0\.0\.0\.0 .*master_key/)])
  })

  it("with 2 for an invalid file and reports every issue", async () => {
    const file = join(folder, "wrong.yaml")
    await writeFile(
      file,
      `model_list:
  - { model_name: a, litellm_params: { model: bedrock/amazon.nova-canvas-v1:0, rpm: none } }
router_settings: { num_retries: -1 }
`,
    )
    const { code, err } = await run("--config", file)
    expect([code, err]).toEqual([2, expect.stringContaining("(2 errors)")])
    for (const place of ["model_list[0].litellm_params.rpm", "router_settings.num_retries"])
      expect(err).toContain(place)
  })

  it("with 1 if its address is in use", async () => {
    const { url } = await start([])
    const { code, err } = await run("--port", new URL(url).port)
    expect([code, err]).toEqual([1, expect.stringContaining(new URL(url).port)])
  })
})

it("serves an emulator without a file and says so", async () => {
  const { url, said } = await start([])
  expect(said("stderr")).toContain("emulated")
  expect((await order(url)).status).toBe(200)
  expect(await readdir(folder)).toEqual([])
})
