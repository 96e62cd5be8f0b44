import { createAmazonBedrock } from "@ai-sdk/amazon-bedrock"
import { generateImage } from "ai"
import { credentials, region, request } from "../clients.ts"
import type { Task } from "../task.ts"

/** AI SDK's `generateImage` with its defaults (`fetch`, HTTP/1.1), and the bytes. */
export const openAiSdk = async (url: string): Promise<Task> => {
  const model = createAmazonBedrock({ region, ...credentials, baseURL: url }).image(request.model)
  const call = async (): Promise<Uint8Array> => {
    const { image } = await generateImage({
      model,
      prompt: request.prompt,
      size: "1024x1024",
      seed: request.seed,
    })
    return image.uint8Array
  }
  return { run: call, picture: (bytes: Uint8Array) => bytes }
}
