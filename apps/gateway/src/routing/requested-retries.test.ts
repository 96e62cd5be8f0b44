import { describe, expect, it } from "vitest"
import { createWorld, throttled } from "./__fixtures__/world.ts"

const config = { retries: 3 }

/** Number of tries of a deployment that always fails. */
const timesAsked = async (
  requestedRetries: number,
  more: Parameters<typeof createWorld>[1] = {},
): Promise<number> => {
  const world = createWorld([{ id: "a", does: [throttled] }], { config, ...more })
  world.call.requestedRetries = requestedRetries
  await expect(world.ask()).rejects.toMatchObject({ code: "rate_limited", retryable: true })
  return world.asked().length
}

describe("a request's own num_retries", () => {
  it.each([
    [0, 1],
    [2, 3],
    [3, 4],
    [50, 4],
  ])("of %i allows %i tries, within the gateway's maximum", async (asked, tries) => {
    expect(await timesAsked(asked)).toBe(tries)
  })

  it.each([
    [0, 1],
    [1, 2],
    [4, 3],
  ])("of %i is limited by the error's policy to %i tries", async (asked, tries) => {
    expect(
      await timesAsked(asked, { config: { ...config, retryPolicy: { RateLimitError: 2 } } }),
    ).toBe(tries)
  })

  it("above the maximum is reported once as a change", async () => {
    const world = createWorld([{ id: "a", does: [throttled] }, { id: "b" }], { config })
    world.call.requestedRetries = 50
    const why = "the gateway allows at most 3 retries"
    expect((await world.ask()).changes).toEqual([
      { field: "num_retries", action: "clamped", from: 50, to: 3, why },
    ])
    expect(world.asked()).toEqual(["a", "b"])
  })
})
