const names = ["authorization", "x-litellm-api-key", "api-key"] as const

/** The key that a request brings: `Authorization: Bearer …`, LiteLLM's `x-litellm-api-key` or Azure's `api-key`. */
export const bearerOf = (headers: Headers): string | undefined => {
  for (const name of names) {
    const value = headers.get(name)?.trim()
    if (value) return /^bearer\s+(.+)$/i.exec(value)?.[1] ?? value
  }
  return undefined
}
