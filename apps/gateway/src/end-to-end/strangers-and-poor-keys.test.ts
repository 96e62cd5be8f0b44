import { monitorEventLoopDelay } from "node:perf_hooks"
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest"
import { type Attacker, attacks, createAttacker } from "./__fixtures__/attacks.ts"
import { openWorld, type World } from "./__fixtures__/gateway.ts"
import { meter } from "./__fixtures__/metric.ts"
import { ask, nova, small } from "./__fixtures__/send-request.ts"

const masterKey = "sk-master-of-the-gateway"
const full = process.env["PICTOR_SCALE"] === "full"
const shareBytes = 16 * 1_048_576

let world: World
const keys: Record<string, string> = { "no key": "", "an unknown key": "sk-nobody-knows-this-key" }
let good = ""

const generate = async (fields: Readonly<Record<string, unknown>>): Promise<string> => {
  const response = await fetch(`${world.url}/key/generate`, {
    method: "POST",
    headers: { authorization: `Bearer ${masterKey}`, "content-type": "application/json" },
    body: JSON.stringify(fields),
  })
  return ((await response.json()) as { readonly key: string }).key
}

beforeAll(async () => {
  world = await openWorld({
    general: { masterKey },
    settings: {
      maxRequests: 24,
      maxBytes: 2 * shareBytes,
      maxBytesPerKey: shareBytes,
      sendMs: 500,
    },
  })
  good = await generate({})
  keys["a key without money"] = await generate({ max_budget: 0, rpm_limit: 1 })
  keys["a key for no model"] = await generate({ models: ["nothing"] })
}, 60_000)
afterAll(() => world.close())

let attacker: Attacker | undefined

/** What the attack leaves to others while it runs. */
const othersGet = async (): Promise<readonly number[]> => {
  const drawn = await ask({
    url: world.url,
    fields: { ...small, prompt: "tea" },
    headers: { authorization: `Bearer ${good}` },
  })
  const listed = await fetch(`${world.url}/key/list`, {
    headers: { authorization: `Bearer ${masterKey}` },
  })
  const alive = await fetch(`${world.url}/health/liveness`)
  await Promise.all([drawn, listed, alive].map((response) => response.arrayBuffer()))
  return [drawn.status, listed.status, alive.status]
}

const inFlight = async (): Promise<readonly number[]> => [
  await meter(world.url, "pictor_requests_in_flight"),
  await meter(world.url, "pictor_bytes_in_flight"),
]

/** Milliseconds of the longest stall, and bytes of growth, while `work` runs. */
const measured = async (work: () => Promise<void>) => {
  const delay = monitorEventLoopDelay({ resolution: 5 })
  const before = process.memoryUsage().rss
  delay.enable()
  await work()
  delay.disable()
  return { stallMs: delay.max / 1e6, grownBytes: process.memoryUsage().rss - before }
}

describe.each(["no key", "an unknown key", "a key without money", "a key for no model"])(
  "an attack with %s",
  (name) => {
    it.each(Object.entries(attacks))("of %s leaves others served", async (_attack, begin) => {
      const key = keys[name] ?? ""
      const parse = vi.spyOn(JSON, "parse")
      const quiet = full ? await measured(async () => void (await othersGet())) : undefined
      const calls = world.emulator.requests.length
      attacker = createAttacker(world.url)
      const { open } = attacker
      try {
        const busy = await measured(async () => {
          await begin({ sockets: [], open, stop: () => undefined }, key)
          for (let round = 0; round < 2; round += 1) {
            expect(await othersGet()).toEqual([200, 200, 200])
            const [, bytes = 0] = await inFlight()
            expect(bytes).toBeLessThanOrEqual(shareBytes)
          }
        })
        // The two pictures of the other key are all that reached the provider.
        const models = world.emulator.requests.slice(calls).map(({ modelId }) => modelId)
        expect(models).toEqual([nova, nova])
        const parsed = parse.mock.calls.filter(([text]) => /^[^"]{9}|(\{\},){999}/.test(text))
        expect(parsed.filter(([text]) => text.length > 100_000)).toEqual([])
        if (quiet) {
          expect(busy.stallMs).toBeLessThanOrEqual(Math.max(3 * quiet.stallMs, 100))
          expect(busy.grownBytes).toBeLessThanOrEqual(shareBytes + 67_108_864)
        }
      } finally {
        parse.mockRestore()
        attacker.stop()
      }
      await vi.waitFor(async () => expect(await inFlight()).toEqual([0, 0]), { timeout: 10_000 })
    })
  },
)
