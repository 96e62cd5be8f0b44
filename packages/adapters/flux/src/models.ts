import type { ModelCard } from "@pictor/core/adapter"
import { dev, expand, fill, kontextMax, kontextPro, pro11, ultra } from "./models/flux-1.ts"
import { flex, klein4, klein9, klein9Preview, max, pro, proPreview } from "./models/flux-2.ts"
import { third } from "./models/flux-3.ts"
import { deblur, erase, outpainting, tryOn1, tryOn2 } from "./models/tools.ts"

/** Every image endpoint of the API. A call makes one image. */
export const models = [
  pro,
  proPreview,
  max,
  flex,
  klein4,
  klein9,
  klein9Preview,
  third,
  kontextPro,
  kontextMax,
  pro11,
  ultra,
  dev,
  fill,
  expand,
  erase,
  outpainting,
  tryOn1,
  tryOn2,
  deblur,
] as const satisfies readonly ModelCard[]
