/** What is drawn where no words are given. */
export const defaultPrompt = "Sri lanka tea plantation."

/** What runs where no `--model` is given. */
export const defaultModels = [
  "stability.stable-diffusion-xl-v1",
  "stability.sd3-large-v1:0",
  "stability.sd3-5-large-v1:0",
  "stability.stable-image-core-v1:1",
  "stability.stable-image-ultra-v1:1",
  "amazon.titan-image-generator-v1",
  "amazon.titan-image-generator-v2:0",
  "amazon.nova-canvas-v1:0",
] as const
