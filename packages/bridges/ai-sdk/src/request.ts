import type {
  ImageModelV4CallOptions,
  ImageModelV4File,
  JSONObject,
  SharedV3Warning,
} from "@ai-sdk/provider"
import { ImageError, type ImageRequest, type ImageSource, type ModelCard } from "@pictor/core"
import { defined, joinFields, toEditFields } from "@pictor/core/host"
import type { PictorProviderOptions } from "./types.ts"

interface CallRequest {
  readonly request: ImageRequest
  readonly timeoutMs: number | undefined
  readonly warnings: readonly SharedV3Warning[]
}

interface CallContext extends PictorProviderOptions {
  /** Undefined for a model that the client does not list. */
  readonly card: ModelCard | undefined
}

/** Translates a call of the AI SDK into a request, with `providerOptions.pictor` added. */
export const toRequest = async (
  model: string,
  call: ImageModelV4CallOptions,
  { card, imageOps, fetchImage }: CallContext,
): Promise<CallRequest> => {
  const { n, size, aspectRatio, seed, files = [], mask, providerOptions, abortSignal } = call
  const { timeoutMs, ...own } = withoutNull(providerOptions["pictor"])
  const { idempotencyKey, warnings } = readHeaders(call.headers)
  const isEdit = files.length > 0 || mask !== undefined
  // A task may need no words.
  const prompt = isEdit && call.prompt === "" ? undefined : call.prompt
  const fields = joinFields(
    defined({ model, n, prompt, size, aspectRatio, seed, idempotencyKey }),
    own,
    "providerOptions.pictor",
  )
  const sources = {
    images: files.map((file, index) => toSource(file, `files.${index}`)),
    mask: mask && toSource(mask, "mask"),
  }
  const tools = { card, imageOps, fetchImage, signal: abortSignal }
  const request = isEdit ? await toEditFields(fields, sources, tools) : fields
  return {
    request: request as unknown as ImageRequest,
    timeoutMs: timeoutMs as number | undefined,
    warnings,
  }
}

/** JSON has no `undefined`: `null` means absent. */
const withoutNull = (options: JSONObject = {}): JSONObject =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== null))

/** The AI SDK adds a user agent to every call. */
const ignoredHeaders: ReadonlySet<string> = new Set(["user-agent"])
const idempotencyHeader = "idempotency-key"

const readHeaders = (headers: ImageModelV4CallOptions["headers"] = {}) => {
  let idempotencyKey: string | undefined
  const warnings: SharedV3Warning[] = []
  for (const [name, value] of Object.entries(headers)) {
    const lower = name.toLowerCase()
    if (value === undefined || ignoredHeaders.has(lower)) continue
    if (lower === idempotencyHeader) idempotencyKey = value
    else
      warnings.push({
        type: "unsupported",
        feature: `headers.${name}`,
        details: "The client's transport has the headers: http({ headers }) of @pictor/http.",
      })
  }
  return { idempotencyKey, warnings }
}

const toSource = (file: ImageModelV4File, path: string): ImageSource | URL => {
  if (file.type === "file") return file.data
  if (URL.canParse(file.url)) return new URL(file.url)
  const code = "invalid_request"
  const message = `${path} is not a valid URL.`
  throw new ImageError({ code, message, issues: [{ code, path, message }] })
}
