import { afterEach, expect, it } from "vitest"
import { openWorld } from "./__fixtures__/gateway.ts"

const open: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close()
})

interface Health {
  readonly healthy_count: number
  readonly unhealthy_count: number
  readonly unhealthy_endpoints: readonly { readonly model_name: string; readonly error: string }[]
}

const start = async (options: Parameters<typeof openWorld>[0] = {}) => {
  const world = await openWorld(options)
  open.push(world.close)
  return {
    ...world,
    ask: async (path: string) => (await (await fetch(world.url + path)).json()) as Health,
  }
}

it("probes no model unless requested", async () => {
  const { ask, emulator } = await start()
  expect(await ask("/health")).toMatchObject({ unhealthy_count: 0 })
  expect(emulator.requests).toEqual([])
})

it("is of one model if the query names it", async () => {
  const { ask } = await start()
  const name = "stability.stable-image-core-v1:1"
  expect(await ask(`/health?model=${name}`)).toMatchObject({
    healthy_count: 1,
    healthy_endpoints: [{ model_name: name }],
  })
  expect(await ask("/health?model=stable-image-core")).toMatchObject({
    error: {
      code: "model_not_found",
      param: "model",
      message: expect.stringContaining(name),
    },
  })
})

it("proves access to every model from free rejections", async () => {
  const { ask, emulator, books } = await start()
  const { healthy_count: healthy, ...rest } = await ask("/health?probe=true")
  expect(rest).toMatchObject({ unhealthy_count: 0, unhealthy_endpoints: [] })
  expect(emulator.requests).toHaveLength(healthy)
  expect(emulator.requests.every(({ body }) => JSON.stringify(body) === "{}")).toBe(true)
  expect(await books.rows()).toEqual([])
})

it.each([
  ["no-access", "may not call"],
  ["retired", "end of life"],
  ["on-demand", "inference profile"],
  ["unrecognized-client", "credentials"],
  ["unavailable", "not available"],
] as const)("learns why a model may not be called: %s", async (kind, words) => {
  const { ask } = await start({ faults: [{ kind, model: "amazon.nova-canvas-v1:0" }] })
  const { unhealthy_endpoints: unhealthy } = await ask("/health?probe=true")
  expect(unhealthy.map(({ model_name }) => model_name)).toEqual(["amazon.nova-canvas-v1:0"])
  expect(unhealthy[0]?.error).toContain(words)
})
