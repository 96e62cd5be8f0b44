import { serviceFamily } from "./families/services.ts"
import type { Model } from "./model.ts"
import { type Service, serviceSchemas } from "./schemas/services.ts"

const service = (name: Service, id: string, label: string): Model => ({
  ids: [id],
  label,
  family: serviceFamily(name),
  schemas: { [name]: serviceSchemas[name] },
  streaming: false,
  onDemand: false,
  geos: ["us"],
})

/**
 * Stability's image services;
 * https://docs.aws.amazon.com/bedrock/latest/userguide/stable-image-services.html, seen 2026-11-20
 */
export const services: readonly Model[] = [
  service("inpaint", "stability.stable-image-inpaint-v1:0", "Stable Inpaint"),
  service("outpaint", "stability.stable-outpaint-v1:0", "Stable Outpaint"),
  service("erase-object", "stability.stable-image-erase-object-v1:0", "Stable Erase Object"),
  service(
    "search-replace",
    "stability.stable-image-search-replace-v1:0",
    "Stable Search and Replace",
  ),
  service(
    "search-recolor",
    "stability.stable-image-search-recolor-v1:0",
    "Stable Search and Recolor",
  ),
  service(
    "remove-background",
    "stability.stable-image-remove-background-v1:0",
    "Stable Remove Background",
  ),
  service("control-sketch", "stability.stable-image-control-sketch-v1:0", "Stable Control Sketch"),
  service(
    "control-structure",
    "stability.stable-image-control-structure-v1:0",
    "Stable Control Structure",
  ),
  service("style-guide", "stability.stable-image-style-guide-v1:0", "Stable Style Guide"),
  service("style-transfer", "stability.stable-style-transfer-v1:0", "Stable Style Transfer"),
  service("creative-upscale", "stability.stable-creative-upscale-v1:0", "Stable Creative Upscale"),
  service(
    "conservative-upscale",
    "stability.stable-conservative-upscale-v1:0",
    "Stable Conservative Upscale",
  ),
  service("fast-upscale", "stability.stable-fast-upscale-v1:0", "Stable Fast Upscale"),
]
