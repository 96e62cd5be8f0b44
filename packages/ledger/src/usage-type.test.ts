import { describe, expect, it } from "vitest"
import { readUsageType, usageTypeOf } from "./usage-type.ts"

describe("readUsageType", () => {
  const cases: readonly (readonly [string, string | undefined])[] = [
    ["USE1-NovaCanvas-T2I-1024-Standard", "NovaCanvas-T2I-1024-Standard"],
    ["us-east-1-NovaCanvas-I2I-2048-Premium", "NovaCanvas-I2I-2048-Premium"],
    ["EU-Canvas-T2I-1024-Premium", "NovaCanvas-T2I-1024-Premium"],
    ["APN1-Nova-Canvas-T2I-1024-Premium", "NovaCanvas-T2I-1024-Premium"],
    ["TitanImageGeneratorG1-I2I-512-Premium", "TitanImageGeneratorG1-I2I-512-Premium"],
    ["USW2-TitanImageGeneratorG1-T2I-1024-Standard", "TitanImageGeneratorG1-T2I-1024-Standard"],
    ["USE1-TitanImageGeneratorG1-Custom-T2I-512-Standard", undefined],
    ["USE1-Other-Canvas-T2I-1024-Standard", undefined],
    ["USE1-NovaCanvas-T2I-4096-Standard", undefined],
    ["USE1-NovaCanvas-T2I-1024-Standard-Batch", undefined],
    ["USE1-BoxUsage:t3.micro", undefined],
    ["", undefined],
  ]
  for (const [text, wanted] of cases)
    it(`reads ${JSON.stringify(text)} as ${wanted}`, () => expect(readUsageType(text)).toBe(wanted))
})

describe("usageTypeOf", () => {
  const nova = {
    model: "amazon.nova-canvas-v1:0",
    task: "text-to-image",
    size: "1024x1024",
    quality: "standard",
  } as const
  const titan = { ...nova, model: "amazon.titan-image-generator-v2:0" }
  const cases: readonly (readonly [Parameters<typeof usageTypeOf>[0], string | undefined])[] = [
    [nova, "NovaCanvas-T2I-1024-Standard"],
    [{ ...nova, size: "2048x512" }, "NovaCanvas-T2I-1024-Standard"],
    [{ ...nova, size: "1040x1024", quality: "premium" }, "NovaCanvas-T2I-2048-Premium"],
    [{ ...nova, task: "outpaint" }, "NovaCanvas-I2I-1024-Standard"],
    [{ ...nova, task: "virtual-try-on" }, undefined],
    [titan, "TitanImageGeneratorG1-T2I-1024-Standard"],
    [{ ...titan, size: "768x768", task: "inpaint" }, "TitanImageGeneratorG1-I2I-512-Standard"],
    [
      { ...titan, model: "amazon.titan-image-generator-v1", size: "512x512", quality: "premium" },
      "TitanImageGeneratorG1-T2I-512-Premium",
    ],
    [{ model: nova.model, task: "remove-background", size: "1024x1024" }, undefined],
    [{ model: nova.model, task: "text-to-image", quality: "standard" }, undefined],
    [{ ...nova, model: "stability.sd3-large-v1:0" }, undefined],
  ]
  for (const [call, wanted] of cases)
    it(`is ${wanted} for ${JSON.stringify(call)}`, () => expect(usageTypeOf(call)).toBe(wanted))
})
