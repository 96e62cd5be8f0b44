import { describeAdapter } from "@pictor/adapter-contract"
import { bedrock } from "@pictor/bedrock"
import { emulated } from "@pictor/bedrock-emulator"
import { afterAll } from "vitest"
import { contract } from "./__fixtures__/contract.ts"

const { invoke: provider, close } = bedrock(emulated())
afterAll(() => close?.())

describeAdapter("nova-omni", { ...contract, provider })
