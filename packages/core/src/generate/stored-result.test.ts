import { describe, expect, it } from "vitest"
import {
  type Answer,
  artifact,
  errorOf,
  healthy,
  images,
  reply,
  scripted,
  stillRuntime,
  testClient,
} from "../__fixtures__/client.ts"
import { grid } from "../__fixtures__/families.ts"
import { ledgerSpy } from "../__fixtures__/ledger-spy.ts"
import { memoryStore } from "../__fixtures__/memory-store.ts"
import { base64 } from "../__fixtures__/pictures.ts"
import { createPictor } from "../client.ts"
import type { ImageAdapter } from "../contract/adapter.ts"
import type { Slot } from "../contract/errors.ts"
import { ImageError } from "../contract/errors.ts"
import type { ImageResult } from "../contract/generate.ts"
import type { Ledger } from "../contract/ledger.ts"
import { memoryLedger } from "../ledger/memory-ledger.ts"
import { fallback } from "../middleware/fallback.ts"

const request = { model: "acme.grid-v1:0", prompt: "a", n: 7, idempotencyKey: "order-1" }

/** Every image has different bytes. */
const drawing = (): Answer => {
  let drawn = 0
  return ({ body }) => {
    const { config } = body as { readonly config?: { readonly count?: number } }
    const shows = () => base64({ shows: `picture ${drawn++}` })
    return reply({ images: Array.from({ length: config?.count ?? 1 }, shows) })
  }
}

const counting = () => {
  let turn = 0
  return stillRuntime(() => (++turn % 100) / 100)
}

const clientOf = (options: Parameters<typeof testClient>[1] = {}, answer: Answer = drawing()) => {
  const ledger = memoryLedger()
  const { store, stored } = memoryStore()
  return {
    ledger,
    stored,
    ...testClient(answer, { ledger, imageStore: store, runtime: counting(), ...options }),
  }
}

const seen = ({ slots, images: own, cost, model }: ImageResult) => ({
  slots: slots.map((slot) => [slot.status, slot.cost]),
  images: own.map(({ seed, recipe, mediaType, width, base64: text }) => ({
    seed,
    recipe,
    mediaType,
    width,
    text: text(),
  })),
  cost,
  model,
})

const statuses = (slots: readonly Slot[] = []) => slots.map(({ status }) => status)

describe("a stored image", () => {
  it("comes with its model, day, tags, account, cost and recipe", async () => {
    const { store, abouts } = memoryStore()
    const { pictor } = clientOf({ imageStore: store })
    const account = { key: "k", team: "red" }
    const { images: made } = await pictor.generate({
      ...request,
      n: 2,
      idempotencyKey: "key",
      tags: { project: "tea" },
      account,
    })
    expect([...abouts.values()]).toEqual(
      made.map(({ recipe }) => ({
        model: request.model,
        day: "2026-11-20",
        tags: { project: "tea" },
        account,
        cost: { microUsd: 40_000, maybeMicroUsd: 0, unpricedImages: 0 },
        recipe,
      })),
    )
    expect(made[0]?.recipe.request["prompt"]).toBe(request.prompt)
  })
})

describe("a repeated idempotency key with an image store", () => {
  it("returns the same images, seeds, recipes, slots and cost without a call or a charge", async () => {
    const { pictor, calls, ledger } = clientOf()
    const first = await pictor.generate(request)
    const again = await pictor.generate(request)
    expect(seen(again)).toEqual(seen(first))
    expect(new Set(again.images.map((image) => image.base64())).size).toBe(7)
    expect([first.replayed, again.replayed, again.attempts, calls.length]).toEqual([
      undefined,
      true,
      0,
      2,
    ])
    expect(again.warnings).toContainEqual(expect.stringContaining("Nothing is charged now"))
    expect(await ledger.spend()).toMatchObject([{ calls: 2, images: 7, microUsd: 280_000 }])
  })

  it("returns recipes with the seeds that were sent", async () => {
    const { pictor, calls } = clientOf()
    await pictor.generate(request)
    const [, , , , , , last] = (await pictor.generate(request)).images
    await pictor.replay(last?.recipe as never)
    expect(calls[2]?.body).toEqual(calls[1]?.body)
  })

  it("returns a part if a part was delivered", async () => {
    const { pictor, calls } = clientOf({}, (call, index) =>
      index === 0 ? images(2, { error: "held back" }) : healthy(call),
    )
    const first = await pictor.generate(request)
    const again = await pictor.generate(request)
    expect(statuses(first.slots)).toEqual([
      "delivered",
      "delivered",
      "filtered",
      "filtered",
      "filtered",
      "delivered",
      "delivered",
    ])
    expect(statuses(again.slots)).toEqual([
      "delivered",
      "delivered",
      "failed",
      "failed",
      "failed",
      "delivered",
      "delivered",
    ])
    expect(again.slots[2]).toMatchObject({
      error: { code: "idempotency_replayed" },
      cost: { microUsd: 0 },
    })
    expect(again.cost).toEqual(first.cost)
    expect(calls).toHaveLength(2)
  })

  it("returns surplus images too", async () => {
    const { pictor } = clientOf({}, () => images(4))
    const first = await pictor.generate({ ...request, n: 3 })
    expect(seen(await pictor.generate({ ...request, n: 3 }))).toEqual(seen(first))
    expect(first.images).toHaveLength(4)
  })

  it("returns the images of a retry once the first attempt is resolved", async () => {
    const ledger = memoryLedger()
    const ids: string[] = []
    const watched: Ledger = {
      ...ledger,
      hold: (id, settlement) => ledger.hold(id, settlement).then(() => void ids.push(id)),
    }
    const lost = new ImageError({ code: "unavailable", message: "Lost.", maybeBilled: true })
    const answer: Answer = (call, index) => (index === 0 ? Promise.reject(lost) : healthy(call))
    const { pictor, calls } = clientOf({ ledger: watched, retry: { maybeBilled: true } }, answer)
    const first = await pictor.generate(request)
    expect(await errorOf(pictor.generate(request))).toMatchObject({
      code: "idempotency_unresolved",
    })
    await ledger.resolve(String(ids[0]), "spent")
    const again = await pictor.generate(request)
    expect(again.images.map(({ recipe }) => recipe)).toEqual(
      first.images.map(({ recipe }) => recipe),
    )
    expect(again.cost.microUsd).toBe(first.cost.microUsd + first.cost.maybeMicroUsd)
    expect(calls).toHaveLength(3)
  })

  it("returns the images of a fallback model", async () => {
    const answer: Answer = (call) => {
      if (call.model === request.model)
        throw new ImageError({ code: "quota_exceeded", message: "Enough." })
      return images(5)
    }
    const { pictor, calls } = clientOf({ middleware: [fallback(["acme.list-v1:0"])] }, answer)
    const first = await pictor.generate({ ...request, n: 5 })
    const again = await pictor.generate({ ...request, n: 5 })
    expect(seen(again)).toEqual(seen(first))
    expect(again.model).toBe("acme.list-v1:0")
    expect(again.changes).toContainEqual(
      expect.objectContaining({ field: "model", action: "mapped", to: "acme.list-v1:0" }),
    )
    expect(calls).toHaveLength(2)
  })

  it("returns the images of a fallback model after a charged failure of the first", async () => {
    const weighted = "acme.weighted-v1"
    const answer: Answer = (call) =>
      call.model === weighted ? artifact({ finish: "FILTERED" }) : images(1)
    const { pictor, calls, ledger } = clientOf(
      { middleware: [fallback(["acme.list-v1:0"], { filtered: true })] },
      answer,
    )
    const repeated = { ...request, model: weighted, n: 1 }
    const first = await pictor.generate(repeated)
    const again = await pictor.generate(repeated)
    expect(first.cost.microUsd).toBe(50_000)
    expect(seen(again)).toEqual(seen(first))
    expect(calls).toHaveLength(2)
    expect(await ledger.spend()).toMatchObject([{ calls: 2, microUsd: 50_000 }])
  })

  it("returns the images of the second of two deployments of one model", async () => {
    const { transport, calls } = scripted((call, index) => {
      if (index === 0) throw new ImageError({ code: "quota_exceeded", message: "Enough." })
      return drawing()(call, index)
    })
    const { store } = memoryStore()
    const adapters = [grid(transport, { name: "a" }), grid(transport, { name: "b" })]
    const middleware = [fallback(["b/acme.grid-v1:0"])]
    const pictor = createPictor<readonly ImageAdapter[]>({
      adapters,
      ledger: memoryLedger(),
      imageStore: store,
      middleware,
      runtime: counting(),
    })
    const repeated = { ...request, model: "a/acme.grid-v1:0" }
    const first = await pictor.generate(repeated)
    const again = await pictor.generate(repeated)
    expect(again.images.map((image) => image.base64())).toEqual(
      first.images.map((image) => image.base64()),
    )
    expect(again.replayed).toBe(true)
    expect(calls.length).toBeLessThan(5)
  })

  it("returns unpriced images as unpriced", async () => {
    const plain = { model: "acme.plain-v1:0", prompt: "a", n: 2, idempotencyKey: "order-1" }
    const { pictor } = clientOf()
    const first = await pictor.generate(plain)
    expect(seen(await pictor.generate(plain))).toEqual(seen(first))
    expect(first.cost).toEqual({ microUsd: 0, maybeMicroUsd: 0, unpricedImages: 2 })
  })

  it("rejects another hash, and runs again after a free failure", async () => {
    const { pictor, calls } = clientOf({}, (call, index) =>
      index === 0 ? images(0, { error: "held back" }) : healthy(call),
    )
    const one = { ...request, n: 1 }
    expect(await errorOf(pictor.generate(one))).toMatchObject({ code: "content_filtered" })
    await pictor.generate(one)
    expect(await errorOf(pictor.generate({ ...one, prompt: "b" }))).toMatchObject({
      code: "idempotency_mismatch",
    })
    expect(calls).toHaveLength(2)
  })
})

describe("a stored image that is missing", () => {
  const replayedError = {
    code: "idempotency_replayed",
    retryable: false,
    cost: { microUsd: 280_000, maybeMicroUsd: 0, unpricedImages: 0 },
  }

  it("is idempotency_replayed with cost and recipe without a store", async () => {
    const { pictor, calls } = clientOf({ imageStore: undefined } as never)
    const first = await pictor.generate(request)
    expect(await errorOf(pictor.generate(request))).toMatchObject({
      ...replayedError,
      recipe: first.images[0]?.recipe,
    })
    expect(calls).toHaveLength(2)
  })

  it("has the recipe of the first call that delivered", async () => {
    const { pictor } = clientOf({ imageStore: undefined } as never, (call, index) =>
      index === 0 ? images(0, { error: "held back" }) : healthy(call),
    )
    const first = await pictor.generate(request)
    expect(first.slots.findIndex(({ status }) => status === "delivered")).toBe(5)
    expect((await errorOf(pictor.generate(request))) as ImageError).toMatchObject({
      code: "idempotency_replayed",
      recipe: first.images[0]?.recipe,
    })
  })

  it("has the recipe of the first call if none delivered", async () => {
    const { pictor, calls } = clientOf({}, () => artifact({ finish: "FILTERED" }))
    const charged = { ...request, model: "acme.weighted-v1", n: 2, seed: 5 }
    await errorOf(pictor.generate(charged))
    expect(await errorOf(pictor.generate(charged))).toMatchObject({
      code: "idempotency_replayed",
      recipe: { callSeed: 5, index: 0 },
    })
    expect(calls).toHaveLength(2)
  })

  it("is idempotency_replayed if one of several is gone", async () => {
    const { pictor, stored } = clientOf()
    const first = await pictor.generate(request)
    stored.delete([...stored.keys()][3] ?? "")
    expect(await errorOf(pictor.generate(request))).toMatchObject({
      ...replayedError,
      recipe: first.images[0]?.recipe,
    })
  })

  it("is idempotency_replayed if the store cannot be read", async () => {
    const { store } = memoryStore((method) => {
      if (method === "get") throw new Error("no disk")
    })
    const { pictor } = clientOf({ imageStore: store })
    await pictor.generate(request)
    expect(await errorOf(pictor.generate(request))).toMatchObject(replayedError)
  })

  it("is delivered with a warning if the store cannot be written", async () => {
    const { store } = memoryStore((method, key) => {
      if (method === "put" && key.endsWith("/1")) throw new Error("no disk")
    })
    const { pictor, ledger } = clientOf({ imageStore: store })
    const { images: own, warnings } = await pictor.generate(request)
    expect(own).toHaveLength(7)
    expect(warnings.filter((warning) => warning.includes("could not store"))).toHaveLength(2)
    expect(await ledger.spend({ by: ["state"] })).toMatchObject([
      { group: { state: "settled" }, images: 7 },
    ])
    expect(await errorOf(pictor.generate(request))).toMatchObject(replayedError)
  })

  it("is idempotency_replayed with the cost only if the ledger recalls nothing", async () => {
    const { recall: _recall, ...ledger } = memoryLedger()
    const { pictor } = clientOf({ ledger })
    await pictor.generate(request)
    const error = await errorOf(pictor.generate(request))
    expect(error).toMatchObject(replayedError)
    expect(error).not.toHaveProperty("recipe")
  })
})

describe("the image store", () => {
  it("gets images before their row settles", async () => {
    const { ledger, entries } = ledgerSpy()
    const { store } = memoryStore((method, key) => void entries.push(`${method} ${key}`))
    await testClient(healthy, { ledger, imageStore: store }).pictor.generate({ ...request, n: 2 })
    expect(entries).toEqual([
      "reserve 2",
      "sent row-1",
      "put row-1/0",
      "put row-1/1",
      "settle row-1",
    ])
  })

  it("gets nothing without an idempotency key or without a ledger", async () => {
    const { pictor, stored } = clientOf()
    const { idempotencyKey: _key, ...plain } = request
    await pictor.generate(plain)
    const { store, stored: others } = memoryStore()
    await testClient(healthy, { imageStore: store }).pictor.generate(request)
    expect([stored.size, others.size]).toEqual([0, 0])
  })
})
