import { describe, expect, it } from "vitest"
import { start } from "./__fixtures__/emulator.ts"
import { chargeOf } from "./charge.ts"

const body = { model: "gpt-image-2", prompt: "tea", size: "1024x1024", quality: "low" }

describe("chargeOf", () => {
  it.each([{}, { n: 2 }, { stream: true, partial_images: 2 }])(
    "is what the emulator bills for the body with %o",
    async (more) => {
      const { url, bill } = await start()
      const response = await fetch(`${url}/v1/images/generations`, {
        method: "POST",
        headers: { authorization: "Bearer any", "content-type": "application/json" },
        body: JSON.stringify({ ...body, ...more }),
      })
      await response.text()
      expect(bill).toHaveLength(1)
      expect(await chargeOf("generations", { ...body, ...more })).toBe(bill[0]?.microUsd)
    },
  )

  it("is undefined for a rejected body and for a price per picture", async () => {
    expect(await chargeOf("generations", { ...body, size: "1x1" })).toBeUndefined()
    const grok = { model: "grok-imagine-image-2.0", prompt: "tea" }
    expect(await chargeOf("generations", grok)).toBeUndefined()
  })
})
