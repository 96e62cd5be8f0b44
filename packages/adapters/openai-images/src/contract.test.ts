import { describeAdapter } from "@pictor/adapter-contract"
import type { TransportCall } from "@pictor/core/adapter"
import { http } from "@pictor/http"
import { emulated } from "@pictor/openai-emulator"
import { afterAll } from "vitest"
import { contract } from "./__fixtures__/contract.ts"

const transport = http(emulated({ access: ["gif", "svg"] }))
afterAll(() => transport.close?.())

/** Models that the API no longer has: another one answers in their place. */
const ended = ["gpt-image-1", "dall-e-3", "dall-e-2"]

const onLiveModel = (call: TransportCall): TransportCall => {
  if (!ended.includes(call.model)) return call
  const { response_format: _format, style: _style, quality: _quality, ...body } = call.body
  return { ...call, body: { ...body, model: "gpt-image-1.5", quality: "low" } }
}

describeAdapter("openai-images over HTTP", {
  ...contract,
  provider: (call) => transport.invoke(onLiveModel(call)),
})
