import { describe, expect, it } from "vitest"
import { usePlaces } from "./__fixtures__/places.ts"
import { openWorld, startMs } from "./__fixtures__/world.ts"

const places = usePlaces()
const open = (name: string, options = {}) =>
  openWorld(`file:${places.folder()}/${name}.db`, options)

const many = (count: number, value: unknown): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`model-${at}`, value]))

describe("POST /key/generate", () => {
  it.each([
    ["model_rpm_limit", 1],
    ["model_max_budget", { budget_limit: 1, time_period: "1d" }],
    ["aliases", "model-a"],
  ])("takes %s of at most 1,000 models", async (field, value) => {
    const { send, close } = await open(field)
    expect(await send("/key/generate", { [field]: many(1001, value) })).toMatchObject({
      status: 400,
      body: {
        error: { param: field, message: expect.stringContaining("at most 1,000 models") },
      },
    })
    await close()
  })

  it("takes an alias of at most 500 characters", async () => {
    const { send, close } = await open("alias")
    expect(await send("/key/generate", { key_alias: "a".repeat(500) })).toMatchObject({
      status: 200,
    })
    expect(await send("/key/generate", { key_alias: "b".repeat(501) })).toMatchObject({
      status: 400,
      body: { error: { param: "key_alias" } },
    })
    await close()
  })

  it.each(["model_max_budget", "model_rpm_limit", "aliases", "metadata"])(
    "refuses __proto__ in %s instead of losing it",
    async (field) => {
      const { send, close } = await open(`proto-${field}`)
      const body = `{"${field}":{"__proto__":{"budget_limit":0}}}`
      expect(await send("/key/generate", body)).toMatchObject({
        status: 400,
        body: { error: { message: expect.stringContaining('"__proto__"') } },
      })
      await close()
    },
  )
})

it("a blocked key is refused in a process whose clock was set back", async () => {
  let [nowMs, elapsedMs] = [startMs + 3_600_000, 0]
  const clocks = { now: () => nowMs, elapsed: () => elapsedMs }
  const url = "clock"
  const [here, there] = [await open(url), await open(url, clocks)]
  const { body } = await here.send("/key/generate", {})
  await there.keys.authenticate(body.key)
  nowMs = startMs
  await here.send("/key/block", { key: body.key })
  elapsedMs += 5_001
  await expect(there.keys.authenticate(body.key)).rejects.toMatchObject({ code: "unauthenticated" })
  await Promise.all([here, there].map(({ close }) => close()))
})

it("keys are ready while the database takes writes", async () => {
  const { keys, close } = await open("ready")
  await keys.ready()
  await close()
  await expect(keys.ready()).rejects.toBeInstanceOf(Error)
})
