import { describe, expect, it } from "vitest"
import { studio } from "./__fixtures__/studio.ts"

const order = { model: "acme.brush-v1:0", prompt: "A lighthouse" }

describe("an Idempotency-Key", () => {
  it.each([
    [1, 200],
    [255, 200],
    [256, 400],
  ])("of %d characters is answered with %d", async (length, status) => {
    const { generate, calls } = studio()
    const response = await generate(order, { "idempotency-key": "k".repeat(length) })
    expect(response.status).toBe(status)
    expect(calls).toHaveLength(status === 200 ? 1 : 0)
    if (status === 400)
      expect(await response.json()).toMatchObject({
        error: { code: "invalid_idempotency_key", message: expect.stringContaining("255") },
      })
  })
})
