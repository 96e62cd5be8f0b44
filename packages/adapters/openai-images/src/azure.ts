/** Where a model is deployed on Azure. */
export interface AzureOptions {
  /** The name of the resource, or its address: `https://NAME.openai.azure.com`. */
  readonly resource: string
  /** The resource's key. A function is called before every request. */
  readonly key: string | (() => string | Promise<string>)
  /**
   * Of the URLs with the deployment in their path: `2025-04-01-preview`. Without it, the URLs of
   * version 1 are called.
   */
  readonly apiVersion?: string
  /** The key is an access token of Microsoft Entra ID. */
  readonly token?: boolean
}

/** Settings of `http()` that reach a resource of Azure. */
export interface AzureSettings {
  readonly provider: "azure"
  readonly baseUrl: string
  readonly key: AzureOptions["key"]
  readonly auth?: { readonly header: string }
}

/**
 * The options of `http()` for OpenAI's models on Azure. A request names its deployment as
 * `modelId`, if it is not named as the model.
 *
 * @example
 * openaiImages(http(azureOpenai({ resource: "drawings", key: process.env.AZURE_OPENAI_KEY ?? "" })))
 */
export const azureOpenai = ({ resource, key, apiVersion, token }: AzureOptions): AzureSettings => {
  const address = /^https?:/.test(resource) ? resource : `https://${resource}.openai.azure.com`
  const root = `${address.replace(/\/+$/, "")}/openai`
  return {
    provider: "azure",
    baseUrl:
      apiVersion === undefined
        ? `${root}/v1`
        : `${root}/deployments/{model}?api-version=${encodeURIComponent(apiVersion)}`,
    key,
    ...(token !== true && { auth: { header: "api-key" } }),
  }
}
