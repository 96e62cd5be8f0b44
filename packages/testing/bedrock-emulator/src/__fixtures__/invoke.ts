import { type BedrockRuntimeClient, InvokeModelCommand } from "@aws-sdk/client-bedrock-runtime"
import { isJsonObject, type JsonObject } from "@pictor/emulator-kit"

/** Invokes like an application: JSON in, JSON out. */
export const invoke = async (
  client: BedrockRuntimeClient,
  modelId: string,
  body: unknown,
  abortSignal?: AbortSignal,
): Promise<JsonObject> => {
  const command = new InvokeModelCommand({
    modelId,
    contentType: "application/json",
    accept: "application/json",
    body: JSON.stringify(body),
  })
  const reply = await client.send(command, abortSignal === undefined ? {} : { abortSignal })
  const json: unknown = JSON.parse(reply.body.transformToString())
  return isJsonObject(json) ? json : {}
}

/** The same body with a fault in its prompt. */
export const withFault = <Body extends { readonly textToImageParams: { readonly text: string } }>(
  body: Body,
  fault: string,
): Body => ({
  ...body,
  textToImageParams: { ...body.textToImageParams, text: `tea [[fault:${fault}]]` },
})
