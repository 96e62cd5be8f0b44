type Headers = Readonly<Record<string, string | readonly string[] | undefined>>

const scheme = /^Bearer\s+/i

/**
 * The key that a request shows, by any of the three headers that clients of OpenAI, LiteLLM and Azure send. LiteLLM's own goes first, as there: a
 * proxy in between may need `Authorization` for itself.
 */
export const bearerOf = (headers: Headers): string | undefined => {
  for (const name of ["x-litellm-api-key", "authorization", "api-key"]) {
    const value = headers[name]
    const key = typeof value === "string" ? value.replace(scheme, "").trim() : ""
    if (key !== "") return key
  }
  return undefined
}
