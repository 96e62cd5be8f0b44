import { describeTransport } from "@pictor/adapter-contract/transport"
import { keys, titanCall } from "./__fixtures__/server.ts"
import { bedrock } from "./transport.ts"

describeTransport("bedrock", {
  create: ({ url, ...limits }) =>
    bedrock({ region: "us-west-2", credentials: keys, endpoint: url, ...limits }),
  call: {
    ...titanCall,
    body: { ...titanCall.body, textToImageParams: { text: "Sri lanka tea plantation." } },
  },
  secrets: [keys.secretAccessKey],
  requestId: "x-amzn-requestid",
})
