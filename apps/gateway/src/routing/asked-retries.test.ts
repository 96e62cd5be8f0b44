import { describe, expect, it } from "vitest"
import { createWorld, throttled } from "./__fixtures__/world.ts"

const config = { retries: 3 }

/** How often a deployment is asked that always refuses. */
const timesAsked = async (
  askedRetries: number,
  more: Parameters<typeof createWorld>[1] = {},
): Promise<number> => {
  const world = createWorld([{ id: "a", does: [throttled] }], { config, ...more })
  world.call.askedRetries = askedRetries
  await expect(world.ask()).rejects.toMatchObject({ code: "rate_limited", retryable: true })
  return world.asked().length
}

describe("a request's own num_retries", () => {
  it.each([
    [0, 1],
    [2, 3],
    [3, 4],
    [50, 4],
  ])("of %i ends it after %i tries, within what the gateway allows", async (asked, tries) => {
    expect(await timesAsked(asked)).toBe(tries)
  })

  it.each([
    [0, 1],
    [1, 2],
    [4, 3],
  ])("of %i counts within what a policy says of the error: %i tries", async (asked, tries) => {
    expect(
      await timesAsked(asked, { config: { ...config, retryPolicy: { RateLimitError: 2 } } }),
    ).toBe(tries)
  })

  it("beyond the most is told in the answer's changes, once", async () => {
    const world = createWorld([{ id: "a", does: [throttled] }, { id: "b" }], { config })
    world.call.askedRetries = 50
    const why = "the gateway retries a request 3 times at most"
    expect((await world.ask()).changes).toEqual([
      { field: "num_retries", action: "clamped", from: 50, to: 3, why },
    ])
    expect(world.asked()).toEqual(["a", "b"])
  })
})
