import { expect, it } from "vitest"
import delivered from "./__fixtures__/delivered.json" with { type: "json" }
import filtered from "./__fixtures__/filtered.json" with { type: "json" }
import { stabilityServices } from "./index.ts"

const { decode } = stabilityServices({
  name: "none",
  invoke: () => Promise.reject(new Error("no network")),
})

it("delivers an image without a finish reason, with its seed", () => {
  expect(decode(delivered, 1)).toEqual([
    { status: "delivered", data: delivered.images[0], seed: 2130420379 },
  ])
})

it("reports the stage at which a prompt was filtered", () => {
  expect(decode(filtered, 1)).toMatchObject([{ status: "filtered", stage: "prompt" }])
})
