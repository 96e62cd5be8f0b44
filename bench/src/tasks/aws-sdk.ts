import { BedrockRuntimeClient, InvokeModelCommand } from "@aws-sdk/client-bedrock-runtime"
import { credentials, region, request } from "../clients.ts"
import { parseAndDecode } from "../reply.ts"
import type { Task } from "../task.ts"

/** The SDK's call with its default handler: the reply as bytes, unparsed. */
export const openAwsSdk = async (url: string): Promise<Task> => {
  const client = new BedrockRuntimeClient({ region, endpoint: url, credentials })
  const call = async (): Promise<Uint8Array> => {
    const body = JSON.stringify({
      taskType: "TEXT_IMAGE",
      textToImageParams: { text: request.prompt },
      imageGenerationConfig: { numberOfImages: 1, width: 1024, height: 1024, seed: request.seed },
    })
    const command = new InvokeModelCommand({
      modelId: request.model,
      contentType: "application/json",
      accept: "application/json",
      body,
    })
    return (await client.send(command)).body
  }
  return { run: call, picture: (reply: Uint8Array) => parseAndDecode(reply) }
}
