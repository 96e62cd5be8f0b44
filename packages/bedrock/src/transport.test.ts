import { createPictor } from "@pictor/core"
import { defineAdapter, toBody } from "@pictor/core/adapter"
import { expect, it } from "vitest"
import { bedrock } from "./transport.ts"

const png =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

const paint = defineAdapter({
  name: "paint",
  models: [
    {
      id: "acme.paint-v1:0",
      regions: ["us-east-1"],
      lifecycle: { status: "active" },
      prices: [],
      sources: {},
      tasks: {
        "remove-background": {
          fields: {
            image: {
              kind: "image",
              path: "image",
              required: true,
              limits: { types: ["image/png"] },
            },
          },
        },
      },
    },
  ],
  encode: toBody,
  decode: () => [],
})

/** A picture of so many bytes: what follows the end of a PNG is not its own. */
const pictureOf = (bytes: number): Uint8Array => {
  const picture = new Uint8Array(bytes)
  picture.set(Uint8Array.from(atob(png), (character) => character.charCodeAt(0)))
  return picture
}

it("takes bodies of up to 25,000,000 bytes, and refuses a larger one before it is sent", async () => {
  const transport = bedrock({ region: "us-east-1" })
  expect(transport.maxBodyBytes).toBe(25_000_000)
  const pictor = createPictor({ adapters: [paint(transport)] })
  const planOf = (bytes: number) =>
    pictor.plan({ model: "acme.paint-v1:0", task: "remove-background", image: pictureOf(bytes) })
  const framing = '{"image":""}'.length
  const most = ((25_000_000 - framing - 4) / 4) * 3
  expect((await planOf(most)).calls).toHaveLength(1)
  await expect(planOf(most + 6)).rejects.toMatchObject({
    code: "invalid_request",
    issues: [{ path: "image", given: 25_000_000 + 4, allowed: "at most 25,000,000 bytes" }],
  })
})
