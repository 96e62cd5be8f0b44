/** LiteLLM's names of the ledger's providers that it names otherwise. */
const names: Readonly<Record<string, string>> = {
  "Amazon Bedrock": "bedrock",
  google: "gemini",
  "google-vertex": "vertex_ai",
  "black-forest-labs": "black_forest_labs",
}

/** LiteLLM's name of a provider. Older rows of the ledger have none: they are Bedrock's. */
export const litellmProvider = (provider = "Amazon Bedrock"): string =>
  Object.hasOwn(names, provider) ? (names[provider] ?? provider) : provider
