import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { chargeOf } from "./prices.ts"
import { type EndpointName, isEndpoint, schemas } from "./schemas.ts"

const square = (side: number) => ({ width: side, height: side })

const list: readonly (readonly [
  EndpointName,
  number,
  readonly number[],
  string | undefined,
  number,
])[] = [
  ["flux-2-pro", 1024, [], undefined, 30_000],
  ["flux-2-pro", 1040, [], undefined, 45_000],
  ["flux-2-pro", 2048, [], undefined, 75_000],
  ["flux-2-pro", 1024, [512], undefined, 45_000],
  ["flux-2-pro", 1024, [512, 1040], undefined, 75_000],
  ["flux-2-klein-4b", 1024, [], undefined, 14_000],
  ["flux-2-klein-9b", 1024, [], undefined, 15_000],
  ["flux-2-flex", 1024, [], undefined, 50_000],
  ["flux-2-max", 1024, [], undefined, 70_000],
  ["flux-3-image", 768, [], "768sq", 41_000],
  ["flux-3-image", 1024, [], undefined, 48_000],
  ["flux-3-image", 1024, [1024], "1k", 48_000],
  ["flux-3-image", 2048, [], "2k", 100_000],
  ["flux-3-image", 4096, [], "4k", 607_000],
  ["flux-kontext-pro", 1024, [2048], undefined, 40_000],
  ["flux-kontext-max", 1024, [], undefined, 80_000],
  ["flux-pro-1.1", 1440, [], undefined, 40_000],
  ["flux-pro-1.1-ultra", 2048, [], undefined, 60_000],
  ["flux-pro-1.0-fill", 2048, [2048, 2048], undefined, 50_000],
  ["flux-pro-1.0-expand", 2048, [1024], undefined, 50_000],
  ["flux-dev", 1024, [], undefined, 25_000],
  ["flux-tools/vto-v2", 1024, [1024, 1024], undefined, 47_500],
  ["flux-tools/erase-v1", 1024, [1024, 1024], undefined, 38_000],
  ["flux-tools/outpainting-v1", 1440, [1024], undefined, 60_000],
]

const side = fc.integer({ min: 64, max: 2048 })

describe("chargeOf", () => {
  it.each(list)(
    "of %s at %i with inputs %j and %s is %i",
    (name, output, inputs, tier, microUsd) => {
      expect(chargeOf(name, inputs.map(square), square(output), tier).microUsd).toBe(microUsd)
    },
  )

  it("is whole micro-USD, and never less for more pixels or inputs", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.keys(schemas).filter(isEndpoint)),
        fc.array(side, { maxLength: 4 }),
        side,
        side,
        (name, inputs, one, other) => {
          const [small, large] = [Math.min(one, other), Math.max(one, other)]
          const charge = (sides: readonly number[], output: number) =>
            chargeOf(name, sides.map(square), square(output), undefined)
          const least = charge(inputs, small).microUsd
          expect(Number.isSafeInteger(least) && least > 0).toBe(true)
          expect(charge(inputs, large).microUsd).toBeGreaterThanOrEqual(least)
          expect(charge([...inputs, one], small).microUsd).toBeGreaterThanOrEqual(least)
        },
      ),
    )
  })

  it("reports megapixels of a million pixels", () => {
    expect(
      chargeOf("flux-2-pro", [square(1000)], { width: 1920, height: 1080 }, undefined),
    ).toEqual({ microUsd: 60_000, inputMegapixels: 1, outputMegapixels: 2.07 })
  })
})
