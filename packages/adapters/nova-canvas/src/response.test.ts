import { decodedOf } from "@pictor/core/adapter"
import { expect, it } from "vitest"
import delivered from "./__fixtures__/delivered.json" with { type: "json" }
import filtered from "./__fixtures__/filtered.json" with { type: "json" }
import masked from "./__fixtures__/masked.json" with { type: "json" }
import partial from "./__fixtures__/partial.json" with { type: "json" }
import { novaCanvas } from "./index.ts"

const { decode } = novaCanvas({
  name: "none",
  invoke: () => Promise.reject(new Error("no network")),
})

it.each([
  ["all images", delivered, 2, ["delivered", "delivered"]],
  ["some images and an error", partial, 3, ["delivered", "filtered", "filtered"]],
  ["an error alone", filtered, 2, ["filtered", "filtered"]],
])("decodes a reply with %s", (_, reply, count, statuses) => {
  expect(decodedOf(decode(reply, count)).outcomes.map(({ status }) => status)).toEqual(statuses)
})

it("reports why an image was filtered", () => {
  expect(decode(filtered, 1)).toEqual([
    { status: "filtered", stage: "output", reason: filtered.error },
  ])
})

it("delivers a returned mask with the image", () => {
  expect(decode(masked, 1)).toMatchObject([{ mask: masked.maskImage }])
})
