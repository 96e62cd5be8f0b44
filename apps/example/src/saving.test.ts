import { expect, it } from "vitest"
import { fileName } from "./saving.ts"

it.each([
  ["amazon.nova-canvas-v1:0", 1, "png", "amazon.nova-canvas-v1_0-1.png"],
  [
    "bedrock/us-west-2/stability.sd3-5-large-v1:0",
    2,
    "jpg",
    "bedrock_us-west-2_stability.sd3-5-large-v1_0-2.jpg",
  ],
  ["../../etc/passwd", 1, "webp", ".._.._etc_passwd-1.webp"],
  ["model", 1, "bin", "model-1.bin"],
])("names the picture of %s safely", (model, number, extension, name) => {
  expect(fileName(model, number, extension)).toBe(name)
})
