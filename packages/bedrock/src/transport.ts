import type { Transport } from "@pictor/core/adapter"
import { checkAccess } from "./check.ts"
import { createClients } from "./client.ts"
import { invoke } from "./invoke.ts"
import { type BedrockOptions, checkOptions } from "./options.ts"
import { parseModel } from "./parse.ts"
import { findRegion } from "./region.ts"

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InvokeModel.html, seen 2026-11-20. */
const maxBodyBytes = 25_000_000

/**
 * The way to Amazon Bedrock, on the AWS SDK, which is loaded at the first call.
 *
 * @example
 * createPictor({ adapters: [sd3(bedrock({ region: "us-west-2" }))] })
 */
export const bedrock = (options: BedrockOptions = {}): Required<Transport> => {
  checkOptions(options)
  const clients = createClients(options)
  return {
    name: "bedrock",
    maxBodyBytes,
    invoke: (call) => invoke(call, options, clients),
    parse: parseModel,
    region: (asked) => findRegion(options, asked).catch(() => undefined),
    check: (asked) => checkAccess(options, clients, asked),
    close: clients.close,
  }
}
