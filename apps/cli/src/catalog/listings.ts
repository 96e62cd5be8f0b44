import type { BedrockClientConfig, FoundationModelSummary } from "@aws-sdk/client-bedrock"
import type { Listing } from "./compare.ts"

const dateOf = (time: Date | undefined): string | undefined => time?.toISOString().slice(0, 10)

/** The control plane of one region. The SDK is loaded on first use. */
const clientOf = async (config: BedrockClientConfig) => {
  const { BedrockClient, GetFoundationModelCommand, ListFoundationModelsCommand } = await import(
    "@aws-sdk/client-bedrock"
  ).catch((cause: unknown) => {
    throw new Error(
      "@aws-sdk/client-bedrock, which reads the catalogue, is not installed. Run npm install @aws-sdk/client-bedrock.",
      { cause },
    )
  })
  const client = new BedrockClient({ maxAttempts: 3, ...config })
  return {
    list: async () =>
      (await client.send(new ListFoundationModelsCommand({ byOutputModality: "IMAGE" })))
        .modelSummaries ?? [],
    get: async (modelIdentifier: string) =>
      (await client.send(new GetFoundationModelCommand({ modelIdentifier }))).modelDetails,
    close: () => client.destroy(),
  }
}

type Lifecycle = FoundationModelSummary["modelLifecycle"]

const toListing = (id: string, region: string, lifecycle: Lifecycle): Listing => {
  const legacyFrom = dateOf(lifecycle?.legacyTime)
  const extendedFrom = dateOf(lifecycle?.publicExtendedAccessTime)
  const retiredFrom = dateOf(lifecycle?.endOfLifeTime)
  return {
    id,
    region,
    ...(lifecycle?.status && { status: lifecycle.status }),
    ...(legacyFrom && { legacyFrom }),
    ...(extendedFrom && { extendedFrom }),
    ...(retiredFrom && { retiredFrom }),
  }
}

/** Every image model that AWS lists in a region. Reads a model without a lifecycle by itself. */
export const readListings = async (
  region: string,
  config: BedrockClientConfig = {},
): Promise<readonly Listing[]> => {
  const client = await clientOf({ region, ...config })
  try {
    const summaries = await client.list()
    return await Promise.all(
      summaries.flatMap(({ modelId, modelLifecycle }) =>
        modelId === undefined
          ? []
          : [
              Promise.resolve(
                modelLifecycle ?? client.get(modelId).then((details) => details?.modelLifecycle),
              ).then((lifecycle) => toListing(modelId, region, lifecycle)),
            ],
      ),
    )
  } finally {
    client.close()
  }
}
