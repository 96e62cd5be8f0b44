import { afterAll } from "vitest"
import { contract as novaCanvas } from "../packages/adapters/nova-canvas/src/__fixtures__/contract.ts"
import { contract as sd3 } from "../packages/adapters/sd3/src/__fixtures__/contract.ts"
import { contract as stabilitySdxl } from "../packages/adapters/stability-sdxl/src/__fixtures__/contract.ts"
import { contract as stabilityServices } from "../packages/adapters/stability-services/src/__fixtures__/contract.ts"
import { contract as titan } from "../packages/adapters/titan/src/__fixtures__/contract.ts"
import { bedrock } from "../packages/bedrock/src/index.ts"
import { describeAdapter } from "../packages/testing/adapter-contract/src/index.ts"
import { createBedrockEmulator } from "../packages/testing/bedrock-emulator/src/index.ts"

const emulator = await createBedrockEmulator()
const credentials = { accessKeyId: "any", secretAccessKey: "any" }
const transport = bedrock({ region: "us-west-2", credentials, endpoint: emulator.url })

afterAll(() => Promise.all([transport.close(), emulator.close()]))

const families = { novaCanvas, sd3, stabilitySdxl, stabilityServices, titan }

// The adapters' own tests use msw, which cannot see the connections of `bedrock`'s request handler.
for (const [name, contract] of Object.entries(families))
  describeAdapter(`${name} over a socket`, { ...contract, provider: transport.invoke })
