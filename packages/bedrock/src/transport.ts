import type { Transport } from "@pictor/core/adapter"
import { createAttempt } from "./attempt.ts"
import { type Clients, createClients } from "./client.ts"
import { findRegion, parseModel } from "./endpoint.ts"
import { toImageError } from "./errors.ts"
import { invoke, maxBodyBytes } from "./invoke.ts"
import { checkNodeVersion } from "./node-version.ts"
import { type BedrockOptions, checkOptions } from "./options.ts"

/** Every method but those of jobs: Bedrock answers at once. */
export type BedrockTransport = Required<Omit<Transport, "resume" | "cancel">>

/**
 * The transport to Amazon Bedrock. It uses the AWS SDK, which is loaded at the first call.
 *
 * @example
 * createPictor({ adapters: [sd3(bedrock({ region: "us-west-2" }))] })
 */
export const bedrock = (options: BedrockOptions = {}): BedrockTransport => {
  checkNodeVersion(process.versions.node)
  checkOptions(options)
  const clients = createClients(options)
  return {
    name: "bedrock",
    provider: "Amazon Bedrock",
    maxBodyBytes,
    invoke: (call) => invoke(call, options, clients),
    parse: parseModel,
    region: (requested) => findRegion(options, requested).catch(() => undefined),
    check: async (requested) => checkAccess(await findRegion(options, requested), clients),
    close: clients.close,
  }
}

/**
 * Resolves region and credentials as a call does, and throws the errors that a call would throw.
 */
const checkAccess = async (region: string, clients: Clients): Promise<void> => {
  try {
    const { config } = (await clients.get(region)).client
    const [scheme] = await config.authSchemePreference()
    await (scheme === "httpBearerAuth" ? config.token?.() : config.credentials())
  } catch (error) {
    const call = { model: "any model", modelId: "any model" }
    throw toImageError(error, { call, region, attempt: createAttempt(), now: Date.now() })
  }
}
