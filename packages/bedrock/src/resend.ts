import type { BedrockRuntimeClient } from "@aws-sdk/client-bedrock-runtime"
import type { HttpHandler, HttpRequest } from "@smithy/core/protocols"
import { createSha256 } from "./sha256.ts"
import type { Answer } from "./witness.ts"

/** A request that the SDK made and Bedrock took, as a form for the next ones to the same model: they differ in body and signature. */
export interface Form {
  readonly sign: (body: Uint8Array) => Promise<HttpRequest>
}

/** Forms by client, which has its region, and by model; as many as are likely to be in use. */
export interface Forms {
  get(client: BedrockRuntimeClient, modelId: string): Form | undefined
  keep(client: BedrockRuntimeClient, modelId: string, request: HttpRequest): Promise<void>
}

const mostForms = 100
// https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html, seen 2026-11-21.
const credential = /^AWS4-HMAC-SHA256 Credential=[^/]+\/\d{8}\/([^/]+)\/([^/]+)\/aws4_request,/
const ofOneRequest: ReadonlySet<string> = new Set([
  "authorization",
  "content-length",
  "x-amz-content-sha256",
  "x-amz-date",
  "x-amz-security-token",
  "amz-sdk-invocation-id",
])

export const createForms = (): Forms => {
  const forms = new WeakMap<BedrockRuntimeClient, Map<string, Form>>()
  return {
    get: (client, modelId) => forms.get(client)?.get(modelId),
    keep: async (client, modelId, request) => {
      const form = await toForm(client, request)
      const known = forms.get(client) ?? new Map<string, Form>()
      if (known.size >= mostForms) known.clear()
      if (form) forms.set(client, known.set(modelId, form))
    },
  }
}

/** None for a request that was not signed by keys: an API key may be another one every time. */
const toForm = async (
  { config }: BedrockRuntimeClient,
  { headers, ...request }: HttpRequest,
): Promise<Form | undefined> => {
  const [, region, service] = credential.exec(headers["authorization"] ?? "") ?? []
  if (!region || !service) return undefined
  const [{ SignatureV4 }, { HttpRequest: Request }, crypto] = await Promise.all([
    import("@smithy/signature-v4"),
    import("@smithy/core/protocols"),
    import("node:crypto"),
  ])
  const signer = new SignatureV4({
    credentials: config.credentials,
    sha256: createSha256(crypto),
    region,
    service,
    applyChecksum: true,
  })
  const { protocol, hostname, port, method, path, query } = request
  const place = { protocol, hostname, method, path, query, ...(port !== undefined && { port }) }
  const lasting = Object.fromEntries(
    Object.entries(headers).filter(([name]) => !ofOneRequest.has(name.toLowerCase())),
  )
  return {
    sign: async (body) => {
      const own = {
        "content-length": String(body.byteLength),
        // The signer takes it as it is, in place of what it would work out more slowly.
        "x-amz-content-sha256": crypto.hash("sha256", body),
        "amz-sdk-invocation-id": crypto.randomUUID(),
      }
      const signingDate = new Date(Date.now() + config.systemClockOffset)
      return new Request(
        await signer.sign({ ...place, headers: { ...lasting, ...own }, body }, { signingDate }),
      )
    },
  }
}

/**
 * Sends a body as the SDK would, with its credentials, its signature and its handler, but without its middleware: what that works out anew for each
 * request is in the form. Two fifths of the CPU of a call with a small reply.
 */
export const resend = async (
  { config }: BedrockRuntimeClient,
  form: Form,
  body: Uint8Array,
  abortSignal: AbortSignal,
): Promise<Answer> => {
  const handler: Pick<HttpHandler, "handle"> = config.requestHandler
  return (await handler.handle(await form.sign(body), { abortSignal })).response
}
