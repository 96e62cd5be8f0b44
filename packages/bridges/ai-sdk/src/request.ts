import type {
  ImageModelV4CallOptions,
  ImageModelV4File,
  JSONObject,
  SharedV3Warning,
} from "@ai-sdk/provider"
import {
  ImageError,
  type ImageRequest,
  type ImageSource,
  type JsonObject,
  type ModelCard,
} from "@pictor/core"
import { defined, toEditFields } from "@pictor/core/host"
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
  context: CallContext,
): Promise<CallRequest> => {
  const { n, size, aspectRatio, seed, files = [], mask, providerOptions, abortSignal } = call
  const { timeoutMs, ...own } = withoutNull(providerOptions["pictor"])
  const { idempotencyKey, warnings } = readHeaders(call.headers)
  const isEdit = files.length > 0 || mask !== undefined
  // A task may need no words.
  const prompt = isEdit && call.prompt === "" ? undefined : call.prompt
  const standard = defined({ model, n, prompt, size, aspectRatio, seed, idempotencyKey })
  checkConflicts(own, isEdit ? { ...standard, image: files, images: files, mask } : standard)
  const fields: JsonObject = { ...own, ...standard }
  const read = (file: ImageModelV4File, path: string): Promise<ImageSource> =>
    readFile(file, path, context, abortSignal)
  const request = isEdit
    ? await toEditFields(
        fields,
        {
          images: await Promise.all(files.map((file, index) => read(file, `files.${index}`))),
          mask: mask && (await read(mask, "mask")),
        },
        context.card,
        context.imageOps,
      )
    : fields
  return {
    request: request as unknown as ImageRequest,
    timeoutMs: timeoutMs as number | undefined,
    warnings,
  }
}

/** JSON has no `undefined`: `null` means absent. */
const withoutNull = (options: JSONObject = {}): JSONObject =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== null))

const checkConflicts = (own: JSONObject, standard: JsonObject): void => {
  const names = Object.keys(own).filter(
    (name) => standard[name] !== undefined && standard[name] !== own[name],
  )
  if (names.length === 0) return
  const issues = names.map((name) => ({
    code: "invalid_request" as const,
    path: `providerOptions.pictor.${name}`,
    message: `providerOptions.pictor.${name} differs from ${name} of the call. Give one of them.`,
  }))
  const message = issues.map((issue) => issue.message).join(" ")
  throw new ImageError({ code: "invalid_request", message, issues })
}

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

const readFile = async (
  file: ImageModelV4File,
  path: string,
  { fetchImage }: CallContext,
  signal: AbortSignal | undefined,
): Promise<ImageSource> => {
  if (file.type === "file") return file.data
  if (!fetchImage)
    throw fileError(
      "unsupported",
      path,
      "is a URL. Give the bytes, base64 or a data URL, or give createPictorProvider a fetchImage.",
    )
  if (!URL.canParse(file.url)) throw fileError("invalid_request", path, "is not a valid URL.")
  return fetchImage(new URL(file.url), signal)
}

const fileError = (
  code: "unsupported" | "invalid_request",
  path: string,
  problem: string,
): ImageError => {
  const message = `${path} ${problem}`
  return new ImageError({ code, message, issues: [{ code, path, message }] })
}
