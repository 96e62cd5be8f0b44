import { expect, it } from "vitest"
import { bedrockHandlers, createBedrockEmulator, emulated } from "./index.ts"

const misspelt: object = { latency: 5 }

it("a misspelt option is rejected, with the options that exist", async () => {
  const options = "faults, latencyMs, seed, profiles, requests, bill, keepRequests"
  expect(() => bedrockHandlers(misspelt)).toThrow(
    `bedrockHandlers has no option "latency". It has ${options}.`,
  )
  await expect(createBedrockEmulator(misspelt)).rejects.toThrow(
    `createBedrockEmulator has no option "latency". It has ${options}, port.`,
  )
  expect(() => emulated(misspelt)).toThrow(
    `emulated has no option "latency". It has ${options}, port.`,
  )
})
