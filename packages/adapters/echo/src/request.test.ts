import { createPictor } from "@pictor/core"
import { expect, test } from "vitest"
import { echo, echoTransport } from "./index.ts"

const pictor = createPictor({ adapters: [echo(echoTransport())] })

test("the body carries every field of the card", async () => {
  const { calls } = await pictor.plan({
    model: "echo-v1",
    prompt: "tea",
    n: 2,
    size: "256x128",
    seed: 3,
  })
  expect(calls[0]?.body).toEqual({ prompt: "tea", count: 2, width: 256, height: 128, seed: 3 })
})

test("the images have the size of the order and cost nothing", async () => {
  const { images, cost } = await pictor.generate({
    model: "echo",
    prompt: "tea",
    n: 5,
    size: "256x128",
    seed: 3,
  })
  expect(images.map(({ width, height, mediaType }) => [width, height, mediaType])).toEqual(
    Array.from({ length: 5 }, () => [256, 128, "image/png"]),
  )
  expect(cost).toEqual({ microUsd: 0, maybeMicroUsd: 0, unpricedImages: 0 })
})
