import { createPictor, type ImageStore, type ModelCard } from "@pictor/core"
import { defineAdapter, type Outcome, type Transport, toBody } from "@pictor/core/adapter"
import { describe, expect, it } from "vitest"
import { usePlaces } from "./__fixtures__/places.ts"
import { seeded } from "./__fixtures__/seeded.ts"
import { type DurableLedger, openLedger } from "./open-ledger.ts"

const places = usePlaces()

/** One pixel. https://www.w3.org/TR/png-3/, seen 2026-11-20 */
const pixel =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8/5+hHgAHggJ/PchI7wAAAABJRU5ErkJggg=="

const models = [
  {
    id: "tiny-v1",
    regions: [],
    lifecycle: { status: "active", source: "here" },
    tasks: {
      "text-to-image": {
        imagesPerCall: 2,
        fields: {
          prompt: { kind: "text", path: "prompt", max: 100, source: "here" },
          n: { kind: "count", path: "count", max: 2, source: "here" },
          seed: { kind: "seed", path: "seed", min: 0, max: 1000, zero: "literal", source: "here" },
        },
      },
    },
    prices: [{ microUsd: 40_000, source: "here" }],
    sources: { here: { url: "https://example.org", seen: "2026-11-20" } },
  },
] as const satisfies readonly ModelCard[]

const filtered: Outcome = { status: "filtered", stage: "output", reason: "held back" }

/** A reply says for each slot whether it has an image. */
const tiny = defineAdapter({
  name: "tiny",
  models,
  encode: toBody,
  decode: (reply) =>
    (reply as { readonly slots: readonly boolean[] }).slots.map((isDelivered) =>
      isDelivered ? { status: "delivered", data: pixel } : filtered,
    ),
})

/** Charged by what a reply counts: at most 900 of the 1000 tokens that its bound has per image. */
const tokens = defineAdapter({
  name: "tokens",
  models: [
    {
      ...models[0],
      id: "tokens-v1",
      prices: [
        {
          units: { outputImageToken: 30.5 },
          most: { image: { outputImageToken: 1000 } },
          source: "here",
        },
      ],
    },
  ],
  decode: (reply) => {
    const { slots } = reply as { readonly slots: readonly boolean[] }
    const sent = slots.filter((isDelivered) => isDelivered).length
    const outputImageToken = sent === 1 ? 333 : 900 * sent
    return {
      outcomes: slots.map(() => ({ status: "delivered", data: pixel })),
      usage: { outputImageToken },
    }
  },
})

const transport = (random: () => number): Transport => ({
  name: "tiny",
  invoke: async ({ body }) => {
    const slots = Array.from({ length: Number(body["count"]) }, () => random() < 0.7)
    return {
      status: 200,
      headers: {},
      requestId: "r-1",
      body: new TextEncoder().encode(JSON.stringify({ slots })),
    }
  },
})

const clientOf = (ledger: DurableLedger, store?: ImageStore) =>
  createPictor({
    adapters: [tiny(transport(seeded(7)))],
    ledger,
    ...(store && { imageStore: store }),
  })

/** An image store that outlives the client. */
const mapStore = (): ImageStore => {
  const images = new Map<string, { readonly bytes: Uint8Array; readonly mediaType: string }>()
  return {
    put: async (key, image) =>
      void images.set(key, { bytes: image.bytes(), mediaType: image.mediaType }),
    get: async (key) => images.get(key),
    url: async () => undefined,
  }
}

for (const [name, place] of places.all)
  describe(`createPictor({ adapters, ledger }), on ${name}`, () => {
    it("charges delivered images of concurrent requests and never exceeds a budget", async () => {
      const ledger = await openLedger(await place())
      await ledger.setBudget({
        scope: { team: "red" },
        window: "month",
        hard: { images: 60 },
        soft: { images: 1 },
      })
      await ledger.setBudget({
        scope: { everything: true },
        window: { rollingMs: 3_600_000 },
        hard: { microUsd: 10_000_000 },
      })
      const pictor = clientOf(ledger)
      const request = {
        model: "tiny-v1",
        prompt: "A pixel.",
        n: 3,
        account: { team: "red", user: "ann" },
        tags: { project: "x" },
      } as const
      const answers = await Promise.allSettled(
        Array.from({ length: 60 }, () => pictor.generate(request)),
      )
      const results = answers.flatMap((answer) =>
        answer.status === "fulfilled" ? [answer.value] : [],
      )
      const codes = answers.flatMap((answer) =>
        answer.status === "rejected" ? [(answer.reason as { readonly code: string }).code] : [],
      )
      const images = results.reduce((sum, result) => sum + result.images.length, 0)
      expect(images).toBeGreaterThan(30)
      expect(images).toBeLessThanOrEqual(60)
      expect(codes).toContain("budget_exceeded")
      expect(
        codes.filter((code) => code !== "budget_exceeded" && code !== "content_filtered"),
      ).toEqual([])
      expect(results.every(({ cost, images: own }) => cost.microUsd === own.length * 40_000)).toBe(
        true,
      )
      const [row, ...others] = await ledger.spend({ by: ["team", "user", "tag:project"] })
      expect(others).toEqual([])
      expect(row).toMatchObject({
        group: { team: "red", user: "ann", "tag:project": "x" },
        images,
        microUsd: images * 40_000,
        maybeMicroUsd: 0,
      })
      expect(results[0]?.warnings).toContainEqual(expect.stringContaining("soft limit"))
      await pictor.close()
    })

    it("charges what was counted and never exceeds a budget that was reserved by bounds", async () => {
      const ledger = await openLedger(await place())
      const hard = { microUsd: 1_000_000 }
      await ledger.setBudget({ scope: { everything: true }, window: "total", hard })
      const wire = { ...transport(seeded(7)), provider: "Acme" }
      const pictor = createPictor({ adapters: [tokens(wire)], ledger })
      const answers = await Promise.allSettled(
        Array.from({ length: 60 }, () =>
          pictor.generate({ model: "tokens-v1", prompt: "A pixel.", n: 3 }),
        ),
      )
      const results = answers.flatMap((answer) =>
        answer.status === "fulfilled" ? [answer.value] : [],
      )
      // 91,500 micro-USD are reserved for a request: ten fit at a time.
      expect(results.length).toBeGreaterThanOrEqual(10)
      expect(results.length).toBeLessThan(60)
      const charged = results.reduce((sum, { cost }) => sum + cost.microUsd, 0)
      const counted = results.reduce((sum, { usage }) => sum + (usage?.outputImageToken ?? 0), 0)
      expect(charged).toBeLessThanOrEqual(hard.microUsd)
      expect(await ledger.spend({ by: ["provider"] })).toMatchObject([
        { group: { provider: "Acme" }, microUsd: charged, maybeMicroUsd: 0 },
      ])
      let stored = 0
      for await (const { usage, cost } of ledger.calls()) {
        const { outputImageToken = 0 } = usage ?? {}
        stored += outputImageToken
        expect(cost.microUsd).toBe(Math.floor(outputImageToken * 30.5 + 0.5))
      }
      expect(stored).toBe(counted)
      await pictor.close()
    })

    it("stores facts of a call, but neither prompt nor image", async () => {
      const ledger = await openLedger(await place())
      const result = await clientOf(ledger).generate({
        model: "tiny-v1",
        prompt: "A secret pixel.",
        seed: 5,
        account: { key: "k1" },
      })
      const calls: object[] = []
      for await (const call of ledger.calls()) calls.push(call)
      expect(calls).toMatchObject([
        {
          model: "tiny-v1",
          task: "text-to-image",
          state: "settled",
          account: { key: "k1" },
          seed: 5,
          price: expect.any(String),
          requestId: "r-1",
        },
      ])
      expect(JSON.stringify(calls)).not.toContain("secret")
      expect(result.cost).toEqual({ microUsd: 40_000, maybeMicroUsd: 0, unpricedImages: 0 })
      await ledger.close()
    })

    it("returns stored images again after a restart, without a charge", async () => {
      const [url, store] = [await place(), mapStore()]
      const request = {
        model: "tiny-v1",
        prompt: "A pixel.",
        n: 9,
        idempotencyKey: "once",
      } as const
      const first = await openLedger(url)
      const result = await clientOf(first, store).generate(request)
      await first.close()
      const ledger = await openLedger(url)
      const client = clientOf(ledger, store)
      const again = await client.generate(request)
      const recipes = ({ images }: typeof result) =>
        images.map(({ seed, recipe }) => ({ seed, recipe }))
      expect(recipes(again)).toEqual(recipes(result))
      expect(again.slots.map(({ status }) => status === "delivered")).toEqual(
        result.slots.map(({ status }) => status === "delivered"),
      )
      expect(again).toMatchObject({ cost: result.cost, replayed: true })
      expect(new Set(again.requestIds)).toEqual(new Set(result.requestIds))
      expect(result.images.length).toBeLessThan(9)
      expect(await ledger.spend()).toMatchObject([
        { images: result.images.length, microUsd: result.cost.microUsd },
      ])
      await client.close()
    })

    it("returns the images of a request that was not settled, after it is resolved", async () => {
      const [url, store] = [await place(), mapStore()]
      const request = { model: "tiny-v1", prompt: "A pixel.", idempotencyKey: "once" } as const
      const first = await openLedger(url)
      // As if the process ended before the settlement.
      const interrupted = clientOf({ ...first, settle: async () => {} }, store)
      await interrupted.generate(request)
      await first.close()
      const ledger = await openLedger(url, { now: () => Date.now() + 60_000 })
      const client = clientOf(ledger, store)
      await expect(client.generate(request)).rejects.toMatchObject({
        code: "idempotency_unresolved",
      })
      for await (const { id, state } of ledger.calls())
        if (state === "lapsed") await ledger.resolve(id, "spent")
      expect(await client.generate(request)).toMatchObject({
        images: [{ mediaType: "image/png" }],
        cost: { microUsd: 40_000 },
        replayed: true,
      })
      await client.close()
    })

    it("stores names with any characters", async () => {
      const ledger = await openLedger(await place())
      const names = ['"', "\\", '\\"{,}', "NULL", "", " ", "'; --", "\n", "é✓𝒳", "{}", "[1]", "$1"]
      const order = {
        model: "m",
        task: "text-to-image",
        images: 1,
        cost: { microUsd: 1, maybeMicroUsd: 0, unpricedImages: 0 },
      } as const
      for (const user of names)
        await ledger.setBudget({ scope: { user }, window: "total", hard: { images: 1 } })
      const reserve = (user: string) =>
        ledger.reserve({
          rows: [{ ...order, size: user }],
          account: { user },
          tags: { [user]: user },
        })
      await Promise.all(names.map(reserve))
      for (const user of names)
        await expect(reserve(user), JSON.stringify(user)).rejects.toMatchObject({
          code: "budget_exceeded",
        })
      const stored: string[] = []
      for await (const { account, tags, size } of ledger.calls()) {
        expect([size, Object.entries(tags)]).toEqual([account.user, [[account.user, account.user]]])
        stored.push(account.user ?? "")
      }
      expect(stored.toSorted()).toEqual(names.toSorted())
      await ledger.close()
    })

    it("runs a request of an idempotency key only once, also after a restart", async () => {
      const url = await place()
      const request = {
        model: "tiny-v1",
        prompt: "A pixel.",
        idempotencyKey: "once",
        account: { key: "k1" },
      } as const
      const first = await openLedger(url)
      await clientOf(first).generate(request)
      await first.close()
      const ledger = await openLedger(url)
      const client = clientOf(ledger)
      await expect(client.generate(request)).rejects.toMatchObject({
        code: "idempotency_replayed",
        cost: { microUsd: 40_000 },
      })
      await expect(client.generate({ ...request, prompt: "Another." })).rejects.toMatchObject({
        code: "idempotency_mismatch",
      })
      await expect(client.generate({ ...request, account: { key: "k2" } })).resolves.toBeDefined()
      expect(await ledger.spend()).toMatchObject([{ calls: 2, microUsd: 80_000 }])
      await client.close()
    })
  })
