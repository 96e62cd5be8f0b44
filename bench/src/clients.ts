import { bedrock } from "@pictor/bedrock"
import { createPictor, type ImageResult } from "@pictor/core"
import type { Transport } from "@pictor/core/adapter"
import { novaCanvas } from "@pictor/nova-canvas"

/** The same request, region and keys for every client. */
export const request = {
  model: "amazon.nova-canvas-v1:0",
  prompt: "Sri lanka tea plantation.",
  seed: 7,
} as const
export const region = "us-east-1"
export const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "none" }

export const pictorOver = (transport: Transport) =>
  createPictor({ adapters: [novaCanvas(transport)] })

/** `bedrock()` with its defaults. */
export const pictorAt = (endpoint: string) => pictorOver(bedrock({ region, endpoint, credentials }))

export const bytesOf = ({ images }: ImageResult): Uint8Array => {
  const [image] = images
  if (!image) throw new Error("the result has no image")
  return image.bytes()
}
