import { describeAdapter } from "@pictor/adapter-contract"
import { http } from "@pictor/http"
import { emulated } from "@pictor/openai-emulator"
import { afterAll } from "vitest"
import { contract, onLiveModel } from "./__fixtures__/contract.ts"

const transport = http(emulated({ access: ["gif", "svg"] }))
afterAll(() => transport.close?.())

describeAdapter("openai-images over HTTP", {
  ...contract,
  provider: (call) => transport.invoke(onLiveModel(call)),
})
