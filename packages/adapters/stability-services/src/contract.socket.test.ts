import { describeAdapter } from "@pictor/adapter-contract"
import { bedrock } from "@pictor/bedrock"
import { createBedrockEmulator } from "@pictor/bedrock-emulator"
import { afterAll } from "vitest"
import { contract } from "./__fixtures__/contract.ts"

const emulator = await createBedrockEmulator()
const credentials = { accessKeyId: "any", secretAccessKey: "any" }
const transport = bedrock({ region: "us-east-1", credentials, endpoint: emulator.url })

afterAll(() => Promise.all([transport.close(), emulator.close()]))

describeAdapter("stability-services over a socket", { ...contract, provider: transport.invoke })
