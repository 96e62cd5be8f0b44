import { createAttempt } from "./attempt.ts"
import type { Clients } from "./client.ts"
import { toImageError } from "./failure.ts"
import type { BedrockOptions } from "./options.ts"
import { findRegion } from "./region.ts"

const any = { model: "any model", modelId: "any model" }

/** Finds a region and credentials as a call does, and throws as one does. Asks STS or a metadata server where the credentials come from there. */
export const checkAccess = async (
  options: BedrockOptions,
  clients: Clients,
  asked?: string,
): Promise<void> => {
  const region = await findRegion(options, asked)
  try {
    const { config } = await clients.get(region)
    const [scheme] = await config.authSchemePreference()
    await (scheme === "httpBearerAuth" ? config.token?.() : config.credentials())
  } catch (error) {
    throw toImageError(error, { call: any, region, attempt: createAttempt(false), now: Date.now() })
  }
}
