import { describeTransport, type TransportSetup } from "@pictor/adapter-contract/transport"
import { keys, titanCall } from "./__fixtures__/server.ts"
import { bedrock } from "./transport.ts"

const common = {
  create: ({ url, ...limits }: TransportSetup) =>
    bedrock({ region: "us-west-2", credentials: keys, endpoint: url, ...limits }),
  secrets: [keys.secretAccessKey],
  requestId: "x-amzn-requestid",
} as const

describeTransport("bedrock", {
  ...common,
  call: {
    ...titanCall,
    body: { ...titanCall.body, textToImageParams: { text: "Sri lanka tea plantation." } },
  },
})

describeTransport("bedrock by Converse", {
  ...common,
  call: {
    model: "amazon.nova-2-omni-v1:0",
    modelId: "us.amazon.nova-2-omni-v1:0",
    endpoint: "converse",
    body: { messages: [{ role: "user", content: [{ text: "Sri lanka tea plantation." }] }] },
  },
})
