/** The parts of an invocation's path. */
export type Route = { readonly modelId: string; readonly streaming: boolean }

/**
 * Reads `/model/{percent-encoded id}/invoke` and `…/invoke-with-response-stream`. Undefined for
 * other paths.
 */
export const routeOf = (path: string): Route | undefined => {
  const [, label = "", suffix] =
    /^\/model\/([^/?]+)\/invoke(-with-response-stream)?(?:\?.*)?$/.exec(path) ?? []
  const modelId = decoded(label)
  return modelId === "" ? undefined : { modelId, streaming: suffix !== undefined }
}

const decoded = (label: string): string => {
  try {
    return decodeURIComponent(label)
  } catch {
    return ""
  }
}
