import { expectTypeOf, it } from "vitest"
import type { OpenaiImagesModels, OpenaiImagesOptions } from "./index.ts"

it("types the options by model", () => {
  expectTypeOf<OpenaiImagesOptions<"gpt-image-2.6-flare">["quality"]>().toEqualTypeOf<
    "low" | "medium" | "high" | "xhigh" | "max" | "auto" | undefined
  >()
  expectTypeOf<OpenaiImagesOptions<"gpt-image-2">["quality"]>().toEqualTypeOf<
    "low" | "medium" | "high" | "auto" | undefined
  >()
  expectTypeOf<{ readonly input_fidelity: "high" }>().toExtend<
    OpenaiImagesOptions<"gpt-image-1.5">
  >()
  expectTypeOf<{ readonly input_fidelity: "high" }>().not.toExtend<
    OpenaiImagesOptions<"gpt-image-2">
  >()
  expectTypeOf<{ readonly markup: string }>().toExtend<
    OpenaiImagesOptions<"gpt-image-2.5-sunburst">
  >()
  expectTypeOf<{ readonly markup: string }>().not.toExtend<OpenaiImagesOptions<"gpt-image-2">>()
})

it("types the inputs by model and task", () => {
  expectTypeOf<"mask">().toExtend<
    OpenaiImagesModels["gpt-image-2-2026-04-21"]["inputs"]["inpaint"]
  >()
  expectTypeOf<keyof OpenaiImagesModels["dall-e-2"]["inputs"]>().toEqualTypeOf<"text-to-image">()
})
