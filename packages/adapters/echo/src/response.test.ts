import { expect, test } from "vitest"
import delivered from "./__fixtures__/delivered.json" with { type: "json" }
import { decode } from "./response.ts"

test.each([
  { name: "all delivered", reply: delivered, count: 2, expected: ["delivered", "delivered"] },
  {
    name: "one held back",
    reply: { images: delivered.images.slice(1), filtered: 1 },
    count: 2,
    expected: ["delivered", "filtered"],
  },
  {
    name: "fewer, with no reason",
    reply: delivered,
    count: 3,
    expected: ["delivered", "delivered", "failed"],
  },
  { name: "no object", reply: undefined, count: 1, expected: ["failed"] },
])("$name", ({ reply, count, expected }) => {
  expect(decode(reply, count).map(({ status }) => status)).toEqual(expected)
})
