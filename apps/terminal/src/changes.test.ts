import { expect, it } from "vitest"
import { changeText } from "./changes.ts"

it.each([
  ["snapped", "size", "1000x1000", "992x992", "size 1000x1000→992x992"],
  ["split", "n", 7, [5, 2], "n 7→5+2"],
  ["split", "n", 6, [1, 1, 1, 1, 1, 1], "n 6→6 calls"],
  [
    "mapped",
    "model",
    "stability.stable-image-remove-background-v1:0",
    "us.stability.stable-image-remove-background-v1:0",
    "model stability.stable-image-remove-background-v1:0→us.stability.stable-image-remove-background-v1:0",
  ],
  ["clamped", "guidance", 40, 10, "guidance 40→10"],
  ["dropped", "quality", "premium", undefined, "quality premium dropped"],
  [
    "dropped",
    "negativePrompt",
    "x".repeat(100),
    undefined,
    `negativePrompt ${"x".repeat(55)}… dropped`,
  ],
  ["mapped", "prompts", [{ text: "a" }], { prompt: "a" }, 'prompts [{"text":"a"}]→{"prompt":"a"}'],
] as const)("tells of a %s %s", (action, field, from, to, text) => {
  expect(changeText({ action, field, from, to, why: "" })).toBe(text)
})
