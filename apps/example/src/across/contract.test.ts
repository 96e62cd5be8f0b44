import { type AdapterContract, describeAdapter } from "@pictor/adapter-contract"
import { bedrock } from "@pictor/bedrock"
import { emulated } from "@pictor/bedrock-emulator"
import { afterAll } from "vitest"
import { contract as novaCanvas } from "../../../../packages/adapters/nova-canvas/src/__fixtures__/contract.ts"
import { contract as novaOmni } from "../../../../packages/adapters/nova-omni/src/__fixtures__/contract.ts"
import { contract as sd3 } from "../../../../packages/adapters/sd3/src/__fixtures__/contract.ts"
import { contract as stabilitySdxl } from "../../../../packages/adapters/stability-sdxl/src/__fixtures__/contract.ts"
import { contract as stabilityServices } from "../../../../packages/adapters/stability-services/src/__fixtures__/contract.ts"
import { contract as titan } from "../../../../packages/adapters/titan/src/__fixtures__/contract.ts"

const contracts: Readonly<Record<string, Omit<AdapterContract, "provider">>> = {
  "nova-canvas": novaCanvas,
  "nova-omni": novaOmni,
  sd3,
  "stability-sdxl": stabilitySdxl,
  "stability-services": stabilityServices,
  titan,
}

const transport = bedrock(emulated())
afterAll(transport.close)

for (const [name, contract] of Object.entries(contracts))
  describeAdapter(`${name} over HTTP/1.1`, { ...contract, provider: transport.invoke })
