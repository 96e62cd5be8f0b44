import { novaCanvasFamily, titanV1Family, titanV2Family } from "./families/amazon.ts"
import { novaOmniFamily } from "./families/nova-omni.ts"
import { sd3Family, stableImageFamily } from "./families/sd3.ts"
import { sdxlFamily } from "./families/sdxl.ts"
import type { Model } from "./model.ts"
import { novaCanvasSchemas } from "./schemas/nova-canvas.ts"
import { novaOmniSchemas } from "./schemas/nova-omni.ts"
import { sd3Schemas, stableImageSchemas } from "./schemas/sd3.ts"
import { sdxlV0Schemas, sdxlV1Schemas } from "./schemas/sdxl.ts"
import { titanV1Schemas, titanV2Schemas } from "./schemas/titan.ts"
import { services } from "./services.ts"

/**
 * https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-support.html, seen
 * 2026-11-20
 */
const allGeos = ["us", "eu", "apac", "jp", "au", "us-gov", "global"]

const sdxlV0 = sdxlFamily({ defaultSide: 512, small: true })

const sdxlV1 = sdxlFamily({ defaultSide: 1024, small: false })

const novaCanvas: Model = {
  ids: ["amazon.nova-canvas-v1:0"],
  label: "Nova Canvas",
  family: novaCanvasFamily,
  schemas: novaCanvasSchemas,
  streaming: false,
  onDemand: true,
  geos: allGeos,
}

/** Amazon Nova 2 Omni, and the id of its preview. */
const novaOmni: Model = {
  ids: ["amazon.nova-2-omni-v1:0"],
  label: "Nova 2 Omni",
  family: novaOmniFamily,
  schemas: novaOmniSchemas,
  converse: true,
  streaming: false,
  onDemand: false,
  geos: ["us", "global"],
}

const titanV2: Model = {
  ids: ["amazon.titan-image-generator-v2:0"],
  label: "Titan Image v2",
  family: titanV2Family,
  schemas: titanV2Schemas,
  streaming: true,
  onDemand: true,
  geos: allGeos,
}

const sdxl: Model = {
  ids: ["stability.stable-diffusion-xl-v1", "stability.stable-diffusion-xl-v1:0"],
  label: "SDXL 1.0",
  family: sdxlV1,
  schemas: sdxlV1Schemas,
  streaming: true,
  onDemand: true,
  geos: allGeos,
}

const sd35: Model = {
  ids: ["stability.sd3-5-large-v1:0"],
  label: "SD3.5 Large",
  family: sd3Family,
  schemas: sd3Schemas,
  streaming: false,
  onDemand: true,
  geos: allGeos,
}

const stableImage = (id: string, label: string): Model => ({
  ids: [id],
  label,
  family: stableImageFamily,
  schemas: stableImageSchemas,
  streaming: false,
  onDemand: true,
  geos: [],
})

export const models: readonly Model[] = [
  {
    ...sdxl,
    ids: ["stability.stable-diffusion-xl-v0", "stability.stable-diffusion-xl-v0:0"],
    label: "SDXL 0.8",
    family: sdxlV0,
    schemas: sdxlV0Schemas,
  },
  {
    ...sdxl,
    ids: ["stability.stable-diffusion-xl", "stability.stable-diffusion-xl:0"],
    label: "SDXL",
    family: sdxlV0,
  },
  sdxl,
  { ...sd35, ids: ["stability.sd3-large-v1:0"], label: "SD3 Large" },
  sd35,
  stableImage("stability.stable-image-core-v1:0", "Stable Image Core 1.0"),
  stableImage("stability.stable-image-core-v1:1", "Stable Image Core 1.1"),
  stableImage("stability.stable-image-ultra-v1:0", "Stable Image Ultra 1.0"),
  stableImage("stability.stable-image-ultra-v1:1", "Stable Image Ultra 1.1"),
  {
    ...titanV2,
    ids: ["amazon.titan-image-generator-v1", "amazon.titan-image-generator-v1:0"],
    label: "Titan Image v1",
    family: titanV1Family,
    schemas: titanV1Schemas,
  },
  titanV2,
  novaCanvas,
  novaOmni,
  { ...novaOmni, ids: ["amazon.nova-2-omni-preview-20251202-v1:0"], onDemand: true },
  ...services,
]

/** The models that an opaque ARN may stand for, in the order of trying. */
export const opaqueCandidates: readonly [Model, ...Model[]] = [
  novaCanvas,
  titanV2,
  sdxl,
  sd35,
  novaOmni,
  ...services,
]
