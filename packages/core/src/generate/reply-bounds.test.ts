import { describe, expect, it, vi } from "vitest"
import { images, reply, testClient } from "../__fixtures__/client.ts"
import { lift } from "../bytes/lift.ts"

const model = "acme.grid-v1:0"

describe("a reply", () => {
  it.each([
    ["many times the ordered images", () => images(11)],
    ["millions of empty objects", () => reply(`{"images":[${"{},".repeat(200_000)}{}]}`)],
    ["values without an end", () => reply("[".repeat(200_000))],
  ])(
    "of %s is unreadable and maybe charged, at the price of what was ordered",
    async (_, answer) => {
      const { pictor } = testClient(answer)
      await expect(pictor.generate({ model, prompt: "a" })).rejects.toMatchObject({
        code: "invalid_response",
        maybeBilled: true,
        cost: { microUsd: 0, maybeMicroUsd: 40_000 },
      })
    },
  )

  it.each(["    ".repeat(1000), "====", "\\n\\r\\n", " "])(
    "of an image without a byte (%#) has a failed slot and is free",
    async (data) => {
      const { pictor } = testClient(() => reply(`{"images":["${data}"]}`))
      await expect(pictor.generate({ model, prompt: "a" })).rejects.toMatchObject({
        code: "invalid_response",
        cost: { microUsd: 0, maybeMicroUsd: 0 },
      })
    },
  )

  it("of too many values is not parsed", () => {
    const bytes = new TextEncoder().encode(`[${"0,".repeat(100_001)}0]`)
    const parse = vi.spyOn(JSON, "parse")
    expect(() => lift(bytes)).toThrow("the reply is not valid JSON")
    expect(parse).not.toHaveBeenCalled()
    parse.mockRestore()
  })
})

describe("the longest reply that a transport may read", () => {
  const callsOf = async (request: {
    readonly size?: `${number}x${number}`
    readonly n?: number
  }) => {
    const { pictor, calls } = testClient()
    await pictor.generate({ model, prompt: "a", ...request })
    return calls.map(({ maxReplyBytes = 0 }) => maxReplyBytes)
  }

  it("has room for twice the ordered pixels, uncompressed as base64", async () => {
    const [one = 0] = await callsOf({ size: "1024x1024" })
    const uncompressed = (1024 * 1024 * 4 * 4) / 3
    expect(one).toBeGreaterThan(2 * uncompressed)
    expect(one).toBeLessThan(4 * uncompressed)
  })

  it("grows with the images of the call", async () => {
    const [one = 0] = await callsOf({ n: 1 })
    const [five = 0, two = 0] = await callsOf({ n: 7 })
    expect(five - two).toBe(3 * (two - one))
    expect(two - one).toBeGreaterThan(0)
  })
})
