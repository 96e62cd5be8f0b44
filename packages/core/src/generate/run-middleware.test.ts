import { describe, expect, it } from "vitest"
import { errorOf, healthy, images, testClient } from "../__fixtures__/client.ts"
import { ledgerSpy } from "../__fixtures__/ledger-spy.ts"
import { ImageError, isImageError } from "../contract/errors.ts"
import { type Middleware, retarget } from "../contract/middleware.ts"
import type { Plan } from "../contract/plan.ts"
import type { ImageRequest } from "../contract/request.ts"
import { noCost } from "../planning/price.ts"

const model = "acme.grid-v1:0"

/** Records when each of its layers is entered and left. */
const watcher = (name: string, seen: string[]): Middleware => {
  const around = async <Out>(layer: string, next: () => Promise<Out>): Promise<Out> => {
    seen.push(`${name} ${layer}`)
    const out = await next()
    seen.push(`${name} ${layer} left`)
    return out
  }
  return {
    name,
    request: (request, next) => around("request", () => next(request)),
    plan: (plan, next) => around("plan", () => next(plan)),
    call: (attempt, next) => around(`call ${attempt.attempt}`, () => next(attempt)),
  }
}

const onion = (layer: string) => [
  `outer ${layer}`,
  `inner ${layer}`,
  `inner ${layer} left`,
  `outer ${layer} left`,
]

describe("middleware", () => {
  it("runs request, plan, ledger, call; the first of the list is the outermost", async () => {
    const seen: string[] = []
    const { ledger, entries } = ledgerSpy(() => {
      seen.push(`ledger ${entries.at(-1)}`)
    })
    const { pictor } = testClient(healthy, {
      ledger,
      middleware: [watcher("outer", seen), watcher("inner", seen)],
    })
    await pictor.generate({ model, prompt: "a" })
    expect(seen).toEqual([
      "outer request",
      "inner request",
      "outer plan",
      "inner plan",
      "ledger reserve 1",
      "ledger sent row-1",
      ...onion("call 1"),
      "ledger settle row-1",
      "inner plan left",
      "outer plan left",
      "inner request left",
      "outer request left",
    ])
  })

  it("runs only request middleware in plan, and all but that in run", async () => {
    const seen: string[] = []
    const { pictor } = testClient(healthy, {
      middleware: [watcher("outer", seen), { name: "empty" }, watcher("inner", seen)],
    })
    const plan = await pictor.plan({ model, prompt: "a" })
    expect(seen.splice(0)).toEqual(onion("request"))
    await pictor.run(plan)
    expect(seen).toEqual([
      "outer plan",
      "inner plan",
      ...onion("call 1"),
      "inner plan left",
      "outer plan left",
    ])
  })

  it("may list one middleware twice", async () => {
    const seen: string[] = []
    const twice = watcher("same", seen)
    await testClient(healthy, { middleware: [twice, twice] }).pictor.plan({ model, prompt: "a" })
    expect(seen).toEqual(["same request", "same request", "same request left", "same request left"])
  })

  it("runs around every attempt of every call", async () => {
    const seen: string[] = []
    const answer = (call: Parameters<typeof healthy>[0], index: number) => {
      if (index === 0) throw new ImageError({ code: "rate_limited", message: "Busy." })
      return healthy(call)
    }
    const { pictor } = testClient(answer, { middleware: [watcher("one", seen)], parallelCalls: 1 })
    await pictor.generate({ model, prompt: "a", n: 6 })
    expect(seen.filter((each) => each.includes("call"))).toEqual([
      "one call 1",
      "one call 2",
      "one call 2 left",
      "one call 1",
      "one call 1 left",
    ])
  })
})

describe("request middleware", () => {
  it("alters a request and adds its changes in plan and generate", async () => {
    const change = { field: "prompt", action: "mapped", from: "a", to: "b", why: "taste" } as const
    const other = { ...change, field: "n" }
    const middleware: Middleware[] = [
      {
        name: "one",
        request: (request, next) => next({ ...request, prompt: "b" } as ImageRequest, [change]),
      },
      { name: "two", request: (request, next) => next({ ...request, n: 2 }, [other]) },
    ]
    const { pictor, calls } = testClient(healthy, { middleware })
    expect(await pictor.plan({ model, prompt: "a" })).toMatchObject({
      n: 2,
      resolved: { prompt: "b" },
      changes: [change, other],
    })
    expect((await pictor.generate({ model, prompt: "a" })).changes).toEqual([change, other])
    expect(calls[0]?.body).toMatchObject({ textParams: { text: "b" }, config: { count: 2 } })
  })

  it("may try another model if nothing was delivered or maybe charged", async () => {
    const fallback: Middleware = {
      name: "fallback",
      request: async (request, next) => {
        try {
          return await next(request)
        } catch (error) {
          if (
            !isImageError(error) ||
            error.maybeBilled ||
            error.slots?.some(({ status }) => status === "delivered")
          )
            throw error
          return next(retarget(request, "acme.list-v1:0"), [
            {
              field: "model",
              action: "mapped",
              from: request.model,
              to: "acme.list-v1:0",
              why: error.code,
            },
          ])
        }
      },
    }
    const ask = async (failure: ImageError) => {
      const { ledger, entries } = ledgerSpy()
      const answer = (call: Parameters<typeof healthy>[0]) => {
        if (call.model === model) throw failure
        return healthy(call)
      }
      const { pictor, calls } = testClient(answer, { middleware: [fallback], ledger, retry: false })
      const request = {
        model,
        prompt: "a",
        modelId: "arn:wire:south-1:profile/x",
        options: { config: { note: "x" } },
      }
      return {
        calls,
        entries,
        result: await pictor.generate(request).catch((thrown: unknown) => thrown as ImageError),
      }
    }
    const { calls, entries, result } = await ask(
      new ImageError({ code: "unavailable", message: "Down." }),
    )
    expect(result).toMatchObject({
      model: "acme.list-v1:0",
      changes: [{ field: "model", to: "acme.list-v1:0", why: "unavailable" }],
    })
    expect(calls.map(({ modelId }) => modelId)).toEqual([
      "arn:wire:south-1:profile/x",
      "acme.list-v1:0",
    ])
    expect(entries).toEqual([
      "reserve 1",
      "sent row-1",
      "release row-1",
      "reserve 1",
      "sent row-2",
      "settle row-2",
    ])
    const lost = await ask(
      new ImageError({ code: "unavailable", message: "Lost.", maybeBilled: true }),
    )
    expect(lost.result).toMatchObject({ code: "unavailable", maybeBilled: true })
    expect(lost.calls).toHaveLength(1)
  })

  it("drops the first model's own fields with retarget", () => {
    const request = {
      model,
      prompt: "a",
      n: 2,
      modelId: "arn",
      options: { a: 1 },
      tags: { b: "c" },
    }
    expect(retarget(request, "other")).toEqual({
      model: "other",
      prompt: "a",
      n: 2,
      tags: { b: "c" },
    })
  })

  it("passes its own error on", async () => {
    const veto = new Error("not today")
    const { pictor, calls } = testClient(healthy, {
      middleware: [{ name: "veto", request: () => Promise.reject(veto) }],
    })
    expect(await errorOf(pictor.plan({ model, prompt: "a" }))).toBe(veto)
    expect(await errorOf(pictor.generate({ model, prompt: "a" }))).toBe(veto)
    expect(calls).toEqual([])
  })
})

describe("plan middleware", () => {
  it("gets the plan that plan() returns, and its result", async () => {
    const seen: unknown[] = []
    const middleware: Middleware = {
      name: "watch",
      plan: async (plan, next) => {
        const result = await next(plan)
        seen.push(plan, result)
        return result
      },
    }
    const { pictor } = testClient(healthy, { middleware: [middleware] })
    const plan = await pictor.plan({ model, prompt: "a" })
    const result = await pictor.run(plan)
    expect(seen[0]).toBe(plan)
    expect(seen[1]).toBe(result)
  })

  it("may veto before anything is reserved or sent", async () => {
    const { ledger, entries } = ledgerSpy()
    const veto = new ImageError({ code: "forbidden", message: "Not on Sundays." })
    const { pictor, calls } = testClient(healthy, {
      ledger,
      middleware: [{ name: "veto", plan: () => Promise.reject(veto) }],
    })
    expect(await errorOf(pictor.generate({ model, prompt: "a" }))).toBe(veto)
    expect([calls, entries]).toEqual([[], []])
  })

  it.each<readonly [string, (plan: Plan) => Plan]>([
    ["a copy", (plan) => ({ ...plan })],
    ["another estimate", (plan) => ({ ...plan, estimate: noCost })],
  ])("may not alter the plan: %s is rejected", async (_, alter) => {
    const { ledger, entries } = ledgerSpy()
    const { pictor, calls } = testClient(healthy, {
      ledger,
      middleware: [{ name: "alter", plan: (plan, next) => next(alter(plan)) }],
    })
    expect(await errorOf(pictor.generate({ model, prompt: "a" }))).toMatchObject({
      code: "invalid_request",
      message: expect.stringContaining("Alter the request"),
    })
    expect([calls, entries]).toEqual([[], []])
  })

  it("cannot change the plan in place", async () => {
    const { pictor } = testClient(healthy, {
      middleware: [
        {
          name: "alter",
          plan: (plan, next) => {
            ;(plan as { n: number }).n = 100
            return next(plan)
          },
        },
      ],
    })
    expect(await errorOf(pictor.generate({ model, prompt: "a" }))).toBeInstanceOf(TypeError)
  })

  it("may run the calls only once", async () => {
    const { pictor, calls } = testClient(healthy, {
      middleware: [
        {
          name: "again",
          plan: async (plan, next) => {
            await next(plan)
            return next(plan)
          },
        },
      ],
    })
    expect(await errorOf(pictor.generate({ model, prompt: "a" }))).toMatchObject({
      code: "invalid_request",
      maybeBilled: true,
      message: expect.stringContaining("once"),
    })
    expect(calls).toHaveLength(1)
  })
})

describe("call middleware", () => {
  it("gets outcomes, status, request id and bytes", async () => {
    const seen: unknown[] = []
    const { pictor } = testClient(
      () => ({ ...images(2, { error: "held back" }), requestId: "r" }),
      {
        middleware: [
          {
            name: "watch",
            call: async (attempt, next) => {
              const answer = await next(attempt)
              seen.push(answer)
              return answer
            },
          },
        ],
      },
    )
    await pictor.generate({ model, prompt: "a", n: 3 })
    const statuses = ["delivered", "delivered", "filtered"].map((status): unknown =>
      expect.objectContaining({ status }),
    )
    expect(seen).toEqual([
      {
        outcomes: statuses,
        requestId: "r",
        status: 200,
        bytes: (images(2, { error: "held back" }).body as Uint8Array).length,
      },
    ])
  })

  it("that throws ends only its call, which is maybe charged after an unexpected error", async () => {
    let first = true
    const once = (error: unknown): Middleware => ({
      name: "throws",
      call: (attempt, next) => {
        if (!first) return next(attempt)
        first = false
        throw error
      },
    })
    const ask = async (error: unknown) => {
      first = true
      return testClient(healthy, { middleware: [once(error)], parallelCalls: 1 }).pictor.generate({
        model,
        prompt: "a",
        n: 6,
      })
    }
    const surprised = await ask(new TypeError("oops"))
    expect(surprised.slots.map(({ status }) => status)).toEqual([
      "failed",
      "failed",
      "failed",
      "failed",
      "failed",
      "delivered",
    ])
    expect(surprised.cost).toEqual({ microUsd: 40_000, maybeMicroUsd: 200_000, unpricedImages: 0 })
    expect((await ask(new ImageError({ code: "invalid_request", message: "No." }))).cost).toEqual({
      ...noCost,
      microUsd: 40_000,
    })
  })

  it("may not alter the call", async () => {
    const { pictor, calls } = testClient(healthy, {
      middleware: [
        {
          name: "alter",
          call: (attempt, next) =>
            next({ ...attempt, call: { ...attempt.call, body: { config: { count: 5 } } } }),
        },
      ],
    })
    expect(await errorOf(pictor.generate({ model, prompt: "a" }))).toMatchObject({
      code: "invalid_request",
      maybeBilled: false,
    })
    expect(calls).toEqual([])
  })

  it("may pass its own signal", async () => {
    const { signal } = new AbortController()
    const { pictor, calls } = testClient(healthy, {
      middleware: [{ name: "limit", call: (attempt, next) => next({ ...attempt, signal }) }],
    })
    await pictor.generate({ model, prompt: "a" })
    expect(calls[0]?.signal).toBe(signal)
  })

  it("may send the call only once", async () => {
    const { pictor, calls } = testClient(healthy, {
      middleware: [
        {
          name: "again",
          call: async (attempt, next) => {
            await next(attempt)
            return next(attempt)
          },
        },
      ],
    })
    expect(await errorOf(pictor.generate({ model, prompt: "a" }))).toMatchObject({
      code: "invalid_request",
      maybeBilled: true,
    })
    expect(calls).toHaveLength(1)
  })
})
