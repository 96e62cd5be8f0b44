import { afterEach, describe, expect, it, vi } from "vitest"
import { deferred, errorOf, healthy, images, settled, testClient } from "../__fixtures__/client.ts"
import { ledgerSpy } from "../__fixtures__/ledger-spy.ts"
import { ImageError } from "../contract/errors.ts"
import type { Ledger } from "../contract/ledger.ts"
import { memoryLedger } from "../ledger/memory-ledger.ts"
import { noCost } from "../planning/price.ts"

afterEach(() => {
  vi.useRealTimers()
})

const model = "acme.grid-v1:0"
const disk = new Error("disk full")
const failsAt = (wanted: string, error: unknown = disk) =>
  ledgerSpy((method, id) => {
    if (wanted === method || wanted === `${method} ${id}`) throw error
  })

describe("a reservation", () => {
  it("has one row per call with its full price, account and tags", async () => {
    const { ledger, reservations } = ledgerSpy()
    const { pictor } = testClient(healthy, { ledger })
    const paying = {
      account: { key: "k", user: "u", team: "t", endUser: "e" },
      tags: { app: "x", said: "y" },
      clientTags: ["said"],
    }
    await pictor.generate({
      model,
      prompt: "a",
      n: 7,
      seed: 5,
      quality: "hd",
      size: "512x512",
      ...paying,
    })
    const row = { model, task: "text-to-image", size: "512x512", quality: "premium", price: "page" }
    expect(reservations).toEqual([
      {
        rows: [
          { ...row, images: 5, seed: 5, cost: { ...noCost, microUsd: 300_000 } },
          { ...row, images: 2, seed: 10, cost: { ...noCost, microUsd: 120_000 } },
        ],
        ...paying,
      },
    ])
  })

  it("counts images of unknown price", async () => {
    const { ledger, reservations } = ledgerSpy()
    await testClient(() => images(1), { ledger }).pictor.generate({
      model: "acme.plain-v1:0",
      prompt: "a",
    })
    const row = {
      model: "acme.plain-v1:0",
      task: "text-to-image",
      images: 1,
      cost: { ...noCost, unpricedImages: 1 },
    }
    expect(reservations).toEqual([{ rows: [row], sent: true }])
  })

  it("contains no text of the request", async () => {
    const { ledger, reservations } = ledgerSpy()
    const { pictor } = testClient(healthy, { ledger })
    await pictor.generate({
      model,
      prompt: "canary",
      negativePrompt: "canary",
      options: { config: { note: "canary" } },
      idempotencyKey: "key",
    })
    expect(JSON.stringify(reservations)).not.toContain("canary")
  })

  it("is not made by planning", async () => {
    const { ledger, entries } = ledgerSpy()
    await testClient(healthy, { ledger }).pictor.plan({ model, prompt: "a" })
    expect(entries).toEqual([])
  })

  it("that is rejected sends nothing and passes on the error", async () => {
    const refusal = new ImageError({ code: "budget_exceeded", message: "Enough.", retryAfterMs: 5 })
    const { ledger } = failsAt("reserve", refusal)
    const { pictor, calls } = testClient(healthy, { ledger })
    expect(await errorOf(pictor.generate({ model, prompt: "a" }))).toBe(refusal)
    expect(calls).toEqual([])
  })

  it("that cannot be written sends nothing and is unavailable", async () => {
    const { ledger } = failsAt("reserve")
    const { pictor, calls } = testClient(healthy, { ledger })
    expect(await errorOf(pictor.generate({ model, prompt: "a" }))).toMatchObject({
      code: "unavailable",
      retryable: false,
      maybeBilled: false,
      cause: disk,
    })
    expect(calls).toEqual([])
  })

  it("of too few rows sends nothing", async () => {
    const { ledger } = ledgerSpy()
    const { pictor, calls } = testClient(healthy, {
      ledger: { ...ledger, reserve: async () => ({ ids: ["only"] }) },
    })
    expect(await errorOf(pictor.generate({ model, prompt: "a", n: 6 }))).toMatchObject({
      code: "unavailable",
    })
    expect(calls).toEqual([])
  })

  it("passes on the warnings of the ledger", async () => {
    const { ledger } = ledgerSpy()
    const warned = {
      ...ledger,
      reserve: async () => ({ ids: ["row"], warnings: ["80 % are spent."] }),
    }
    expect(
      (await testClient(healthy, { ledger: warned }).pictor.generate({ model, prompt: "a" }))
        .warnings,
    ).toContain("80 % are spent.")
  })
})

describe("a ledger row", () => {
  it("is marked sent before the call is sent", async () => {
    const { ledger, entries } = ledgerSpy()
    const seen: (readonly string[])[] = []
    const { pictor } = testClient(
      (call) => {
        seen.push([...entries])
        return healthy(call)
      },
      { ledger },
    )
    await pictor.generate({ model, prompt: "a" })
    expect(seen).toEqual([["reserve 1", "sent row-1"]])
  })

  it("is marked sent by its reservation, and again before each further attempt", async () => {
    const { ledger, entries } = ledgerSpy()
    const marking: Ledger = {
      ...ledger,
      reserve: async (reservation) => ({ ...(await ledger.reserve(reservation)), sent: true }),
    }
    const busy = new ImageError({ code: "unavailable", message: "Busy.", retryable: true })
    const once = testClient((call, index) => (index === 1 ? Promise.reject(busy) : healthy(call)), {
      ledger: marking,
    })
    await once.pictor.generate({ model, prompt: "a" })
    expect(entries).toEqual(["reserve 1", "settle row-1"])
    await once.pictor.generate({ model, prompt: "a" })
    expect(entries.slice(2)).toEqual(["reserve 1", "sent row-2", "settle row-2"])
  })

  it.each([
    [
      "everything came",
      () => images(5),
      "settle",
      { cost: { ...noCost, microUsd: 200_000 }, delivered: 5 },
    ],
    [
      "some came",
      () => images(2, { error: "held back" }),
      "settle",
      { cost: { ...noCost, microUsd: 80_000 }, delivered: 2 },
    ],
    [
      "more came",
      () => images(7),
      "settle",
      { cost: { ...noCost, microUsd: 280_000 }, delivered: 7 },
    ],
    [
      "nothing came and nothing is charged",
      () => images(0, { error: "held back" }),
      "release",
      undefined,
    ],
    [
      "nothing came and all may be charged",
      () => images(0, { guardrailAction: "INTERVENED" }),
      "hold",
      { cost: { ...noCost, maybeMicroUsd: 200_000 }, delivered: 0 },
    ],
  ] as const)("ends as it should where %s", async (_, answer, verb, settlement) => {
    const { ledger, entries, settlements } = ledgerSpy()
    await testClient(answer, { ledger })
      .pictor.generate({ model, prompt: "a", n: 5 })
      .catch(() => undefined)
    expect(entries.at(-1)).toBe(`${verb} row-1`)
    expect(settlements).toEqual(settlement ? [settlement] : [])
  })

  it("of unknown price is held if more may be charged than was delivered", async () => {
    const lost = new ImageError({ code: "unavailable", message: "Lost.", maybeBilled: true })
    const { ledger, entries, settlements } = ledgerSpy()
    const { pictor } = testClient(
      () => {
        throw lost
      },
      { ledger },
    )
    await errorOf(pictor.generate({ model: "acme.plain-v1:0", prompt: "a" }))
    expect(entries.at(-1)).toBe("hold row-1")
    expect(settlements).toEqual([{ cost: { ...noCost, unpricedImages: 1 }, delivered: 0 }])
    const { ledger: second, entries: other } = ledgerSpy()
    await testClient(() => images(1), { ledger: second }).pictor.generate({
      model: "acme.plain-v1:0",
      prompt: "a",
    })
    expect(other.at(-1)).toBe("settle row-1")
  })

  it("has the last request id", async () => {
    const { ledger, settlements } = ledgerSpy()
    await testClient(() => ({ ...images(1), requestId: "r" }), { ledger }).pictor.generate({
      model,
      prompt: "a",
    })
    expect(settlements).toMatchObject([{ requestId: "r" }])
  })

  it("that cannot be marked sent is not sent, while the other calls are", async () => {
    const { ledger, entries } = failsAt("sent row-1")
    const { pictor, calls } = testClient(healthy, { ledger, parallelCalls: 1 })
    const result = await pictor.generate({ model, prompt: "a", n: 7 })
    expect(result.slots.map(({ status }) => status)).toEqual([
      ...Array.from({ length: 5 }, () => "failed"),
      "delivered",
      "delivered",
    ])
    expect(result.slots[0]).toMatchObject({
      cost: noCost,
      error: { code: "unavailable", maybeBilled: false, cause: disk },
    })
    expect(calls).toHaveLength(1)
    expect(entries).toEqual([
      "reserve 5+2",
      "sent row-1",
      "release row-1",
      "sent row-2",
      "settle row-2",
    ])
  })

  it("that must not be sent any more has the ledger's error", async () => {
    const refusal = new ImageError({ code: "invalid_request", message: "Row row-1 is released." })
    const { ledger } = failsAt("sent", refusal)
    const { pictor, calls } = testClient(healthy, { ledger })
    expect(await errorOf(pictor.generate({ model, prompt: "a" }))).toMatchObject({
      code: "invalid_request",
      cause: refusal,
    })
    expect(calls).toEqual([])
  })

  it.each(["settle", "release", "hold"])(
    "whose end cannot be written (%s) loses no image and no verdict",
    async (method) => {
      const answers = {
        settle: () => images(3),
        release: () => images(0, { error: "held back" }),
        hold: () => images(0, { guardrailAction: "INTERVENED" }),
      }
      const { ledger, entries } = failsAt(method)
      const { pictor } = testClient(answers[method as keyof typeof answers], { ledger })
      const done = pictor.generate({ model, prompt: "a", n: 3 })
      if (method === "settle") {
        const { images: delivered, warnings } = await done
        expect(delivered).toHaveLength(3)
        expect(warnings).toContainEqual(
          expect.stringContaining("The ledger could not write the end of row row-1"),
        )
      } else expect(await errorOf(done)).toMatchObject({ code: "content_filtered" })
      expect(entries.at(-1)).toBe(`${method} row-1`)
    },
  )

  it.each([
    [new Error("connect postgres://ann:secret@db failed"), "an unexpected error."],
    [new ImageError({ code: "unavailable", message: "The disk is full." }), "The disk is full."],
  ])("whose end cannot be written repeats no words of a foreign error", async (error, why) => {
    const { ledger } = failsAt("settle", error)
    const { warnings } = await testClient(() => images(1), { ledger }).pictor.generate({
      model,
      prompt: "a",
    })
    expect(warnings.filter((warning) => warning.includes("row-1"))).toEqual([
      expect.stringContaining(`could not write the end of row row-1: ${why}`),
    ])
    expect(warnings.join()).not.toContain("secret")
  })

  it("is renewed every 20 s while its call runs, even if renewing fails", async () => {
    vi.useFakeTimers()
    const gate = deferred<void>()
    const { ledger, entries } = failsAt("renew")
    const { pictor } = testClient(async (call) => gate.promise.then(() => healthy(call)), {
      ledger,
    })
    const done = pictor.generate({ model, prompt: "a", n: 6 })
    await settled()
    await vi.advanceTimersByTimeAsync(45_000)
    expect(entries.filter((entry) => entry.startsWith("renew"))).toEqual([
      "renew row-1",
      "renew row-2",
      "renew row-1",
      "renew row-2",
    ])
    gate.resolve()
    expect((await done).images).toHaveLength(6)
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe("a budget of memoryLedger", () => {
  it("counts reservations, frees what was not charged and keeps what may be charged", async () => {
    const ledger = memoryLedger()
    await ledger.setBudget({ scope: { key: "k" }, window: "total", hard: { microUsd: 200_000 } })
    const { pictor } = testClient(
      (call, index) => (index === 0 ? images(2, { error: "held back" }) : healthy(call)),
      { ledger },
    )
    const order = (n: number) => pictor.generate({ model, prompt: "a", n, account: { key: "k" } })
    expect((await order(5)).cost.microUsd).toBe(80_000)
    expect(await errorOf(order(4))).toMatchObject({ code: "budget_exceeded" })
    expect((await order(3)).cost.microUsd).toBe(120_000)
    expect(await errorOf(order(1))).toMatchObject({ code: "budget_exceeded" })
    expect(await ledger.spend()).toMatchObject([{ calls: 2, images: 5, microUsd: 200_000 }])
  })
})
