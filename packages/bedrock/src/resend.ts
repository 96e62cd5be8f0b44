import type { BedrockRuntimeClient } from "@aws-sdk/client-bedrock-runtime"
import type { HttpRequest } from "@smithy/core/protocols"
import type { HttpAnswer, SendOptions } from "./types.ts"

/** Sends further bodies to the target of a request that the SDK made. */
export interface RequestTemplate {
  send(body: Uint8Array, options: SendOptions): Promise<HttpAnswer>
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html, seen 2026-11-21.
const credential = /^AWS4-HMAC-SHA256 Credential=[^/]+\/\d{8}\/([^/]+)\/([^/]+)\/aws4_request,/
const changingHeaders: ReadonlySet<string> = new Set([
  "authorization",
  "content-length",
  "x-amz-content-sha256",
  "x-amz-date",
  "x-amz-security-token",
  "amz-sdk-invocation-id",
])

/**
 * Makes a template of a request that Bedrock accepted. It signs each body with the SDK's
 * credentials
 * and signer, and skips the SDK's middleware, which would resolve the same endpoint and headers
 * again: 20 µs of CPU a call instead of 120. Undefined for a request with an API key, which may be
 * another one for each call.
 */
export const createTemplate = async (
  { config }: BedrockRuntimeClient,
  { headers, ...request }: HttpRequest,
): Promise<RequestTemplate | undefined> => {
  const [, region, service] = credential.exec(headers["authorization"] ?? "") ?? []
  if (!region || !service) return undefined
  const [{ SignatureV4 }, protocols] = await Promise.all([
    import("@smithy/signature-v4"),
    import("@smithy/core/protocols"),
  ])
  const { credentials, sha256 } = config
  const signer = new SignatureV4({ credentials, sha256, region, service, applyChecksum: true })
  const { protocol, hostname, port, method, path, query } = request
  const target = { protocol, hostname, method, path, query, ...(port !== undefined && { port }) }
  const lasting = Object.fromEntries(
    Object.entries(headers).filter(([name]) => !changingHeaders.has(name.toLowerCase())),
  )
  return {
    send: async (body, options) => {
      const changing = {
        "content-length": String(body.byteLength),
        "amz-sdk-invocation-id": crypto.randomUUID(),
      }
      const signed = await signer.sign(
        { ...target, headers: { ...lasting, ...changing }, body },
        { signingDate: new Date(Date.now() + config.systemClockOffset) },
      )
      const sent = new protocols.HttpRequest(signed)
      const handled = await config.requestHandler.handle(sent, options)
      return (handled as { readonly response: HttpAnswer }).response
    },
  }
}
