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
