import { describeAdapter } from "@pictor/adapter-contract"
import { echo, echoTransport } from "./index.ts"

describeAdapter("echo", {
  create: echo,
  provider: echoTransport().invoke,
  requests: { "text-to-image": { prompt: "a lighthouse", size: "64x64" } },
  outcomes: {
    filtered: { images: [], error: "filtered" },
    partial: (_call, images) => ({ images: images.slice(1), error: "filtered" }),
    malformed: { images: [7] },
  },
})
