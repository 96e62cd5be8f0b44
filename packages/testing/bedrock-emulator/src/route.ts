/** The parts of an invocation's path. */
export type Route = {
  readonly modelId: string
  readonly streaming: boolean
  readonly converse: boolean
}

/**
 * Reads `/model/{percent-encoded id}/invoke`, `…/invoke-with-response-stream` and `…/converse`.
 * Undefined for other paths.
 */
export const routeOf = (path: string): Route | undefined => {
  const [, label = "", operation] =
    /^\/model\/([^/?]+)\/(invoke|invoke-with-response-stream|converse)(?:\?.*)?$/.exec(path) ?? []
  const modelId = decoded(label)
  if (modelId === "") return undefined
  return {
    modelId,
    streaming: operation === "invoke-with-response-stream",
    converse: operation === "converse",
  }
}

const decoded = (label: string): string => {
  try {
    return decodeURIComponent(label)
  } catch {
    return ""
  }
}
