/** The prompt of a command line without words. */
export const defaultPrompt = "Sri lanka tea plantation."

/** The models of a command line without `--model`: live ones first, then retired ones. */
export const defaultModels = [
  "stability.sd3-5-large-v1:0",
  "stability.stable-image-core-v1:1",
  "stability.stable-image-ultra-v1:1",
  "amazon.nova-canvas-v1:0",
  "amazon.titan-image-generator-v2:0",
  "amazon.titan-image-generator-v1",
  "stability.sd3-large-v1:0",
  "stability.stable-diffusion-xl-v1",
] as const
