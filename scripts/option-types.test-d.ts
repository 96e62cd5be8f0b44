import type { EchoOptions } from "../packages/adapters/echo/src/index.ts"
import type { NovaCanvasOptions } from "../packages/adapters/nova-canvas/src/index.ts"
import type { Sd3Options } from "../packages/adapters/sd3/src/index.ts"
import type { StabilitySdxlOptions } from "../packages/adapters/stability-sdxl/src/index.ts"
import type { StabilityServicesOptions } from "../packages/adapters/stability-services/src/index.ts"
import type { TitanOptions } from "../packages/adapters/titan/src/index.ts"

export const echo: EchoOptions = { width: 64, height: 64 }
export const nova: NovaCanvasOptions = { imageGenerationConfig: { quality: "premium" } }
export const sd3: Sd3Options = { style_preset: "anime" }
export const large: Sd3Options<"stability.sd3-5-large-v1:0"> = { mode: "text-to-image" }
export const sdxl: StabilitySdxlOptions = { sampler: "DDIM" }
export const erase: StabilityServicesOptions<"stability.stable-image-erase-object-v1:0"> = {
  grow_mask: 5,
}
export const titan: TitanOptions = { textToImageParams: { text: "tea" } }

// @ts-expect-error a value that the card does not have
export const noQuality: NovaCanvasOptions = { imageGenerationConfig: { quality: "hd" } }
// @ts-expect-error a field of other models of the family
export const noMode: Sd3Options<"stability.stable-image-core-v1:1"> = { mode: "text-to-image" }
// @ts-expect-error a field that the model does not have
export const noField: EchoOptions = { depth: 64 }
