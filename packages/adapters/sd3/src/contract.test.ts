import { describeAdapter } from "@pictor/adapter-contract"
import { bedrock } from "@pictor/bedrock"
import { bedrockHandlers } from "@pictor/bedrock-emulator"
import { NodeHttpHandler } from "@smithy/node-http-handler"
import { setupServer } from "msw/node"
import { contract } from "./__fixtures__/contract.ts"

setupServer(...bedrockHandlers()).listen({ onUnhandledFrame: "error" })

const credentials = { accessKeyId: "any", secretAccessKey: "any" }

describeAdapter("sd3 over msw", {
  ...contract,
  provider: bedrock({ region: "us-west-2", credentials, requestHandler: new NodeHttpHandler() })
    .invoke,
})
