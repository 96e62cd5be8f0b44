import { describe, expect, it } from "vitest"
import { deferred, errorOf, healthy, settled, testClient } from "../__fixtures__/client.ts"
import { ImageError } from "../contract/errors.ts"
import type { CallAnswer, CallAttempt } from "../contract/middleware.ts"
import { concurrency } from "./concurrency.ts"

const answer: CallAnswer = { outcomes: [], status: 200, bytes: 0 }
const attemptOf = (
  model: string,
  signal: AbortSignal = new AbortController().signal,
): CallAttempt => ({ call: { model }, attempt: 1, signal }) as unknown as CallAttempt

/** A limit, and calls that run until the test ends them. */
const limited = (limit: number) => {
  const { call } = concurrency(limit)
  const started: string[] = []
  const enter = (name: string, model = "a", signal?: AbortSignal) => {
    const gate = deferred<void>()
    const next = async (): Promise<CallAnswer> => {
      started.push(name)
      await gate.promise
      return answer
    }
    const done = call?.(attemptOf(model, signal), next) ?? Promise.resolve(answer)
    done.catch(() => undefined)
    return { done, leave: gate.resolve }
  }
  return { enter, started, call }
}

describe("concurrency", () => {
  it("runs at most `limit` calls at a time and the others in their order", async () => {
    const { enter, started } = limited(2)
    const calls = ["1", "2", "3", "4", "5"].map((name) => enter(name))
    await settled()
    expect(started).toEqual(["1", "2"])
    calls[1]?.leave()
    await settled()
    expect(started).toEqual(["1", "2", "3"])
    for (const { leave } of calls) leave()
    await Promise.all(calls.map(({ done }) => done))
    expect(started).toEqual(["1", "2", "3", "4", "5"])
  })

  it("counts each model separately", async () => {
    const { enter, started } = limited(1)
    const calls = [enter("a1", "a"), enter("a2", "a"), enter("b1", "b")]
    await settled()
    expect(started).toEqual(["a1", "b1"])
    for (const { leave } of calls) leave()
    await Promise.all(calls.map(({ done }) => done))
  })

  it("frees the slot when a call fails", async () => {
    const { call } = limited(1)
    const failing = () => Promise.reject(new Error("no"))
    expect((await errorOf(call?.(attemptOf("a"), failing) ?? Promise.resolve())).message).toBe("no")
    expect(await call?.(attemptOf("a"), async () => answer)).toBe(answer)
  })

  it("drops only the waiting call whose signal aborts", async () => {
    const { enter, started } = limited(1)
    const controller = new AbortController()
    const first = enter("1")
    const second = enter("2", "a", controller.signal)
    const third = enter("3")
    await settled()
    controller.abort(new Error("gone"))
    expect(await errorOf(second.done)).toMatchObject({ code: "aborted", maybeBilled: false })
    first.leave()
    await settled()
    expect(started).toEqual(["1", "3"])
    third.leave()
    await third.done
    const fourth = enter("4")
    await settled()
    expect(started).toEqual(["1", "3", "4"])
    fourth.leave()
  })

  it("never starts a call whose signal has aborted", async () => {
    const { enter, started } = limited(1)
    expect(await errorOf(enter("1", "a", AbortSignal.abort()).done)).toMatchObject({
      code: "aborted",
    })
    const running = enter("2")
    expect(await errorOf(enter("3", "a", AbortSignal.abort()).done)).toMatchObject({
      code: "aborted",
    })
    running.leave()
    await running.done
    expect(started).toEqual(["2"])
  })

  it("ignores an abort after the call started", async () => {
    const { enter, started } = limited(1)
    const controller = new AbortController()
    const first = enter("1")
    const second = enter("2", "a", controller.signal)
    const third = enter("3")
    first.leave()
    await settled()
    controller.abort()
    await settled()
    expect(started).toEqual(["1", "2"])
    second.leave()
    await settled()
    expect(started).toEqual(["1", "2", "3"])
    third.leave()
  })

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])("rejects a limit of %d", (limit) => {
    expect(() => concurrency(limit)).toThrow(ImageError)
  })

  it("applies to all requests of a client together", async () => {
    let running = 0
    let most = 0
    const { pictor } = testClient(
      async (call) => {
        most = Math.max(most, ++running)
        await settled()
        running--
        return healthy(call)
      },
      { middleware: [concurrency(3)], parallelCalls: 8 },
    )
    const request = { model: "acme.ratio-v1:0", prompt: "a", n: 8 }
    const results = await Promise.all([1, 2, 3].map(() => pictor.generate(request)))
    expect(results.map((result) => result.images.length)).toEqual([8, 8, 8])
    expect(most).toBe(3)
  })
})
