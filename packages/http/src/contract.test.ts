import { describeTransport } from "@pictor/adapter-contract/transport"
import { call, family, jobFamily, key } from "./__fixtures__/server.ts"
import { http } from "./transport.ts"

describeTransport("http", {
  create: ({ url, ...limits }) => http({ key, baseUrl: url, pollsPerSecond: 1000, ...limits }),
  call,
  secrets: [key],
  requestId: "x-request-id",
  jobs: {
    call: { ...call, http: jobFamily },
    submitted: (url) => ({ id: "job-7", polling_url: url }),
    running: { body: { status: "Pending" } },
    ended: { body: { status: "Ready", result: { seed: 7 } } },
    lost: { body: { status: "Unknown" } },
  },
  files: {
    call: { ...call, http: { ...family, file: "data.#.url", hosts: [] } },
    reply: (urls) => ({ data: urls.map((url) => ({ url })) }),
    path: (index) => `data.${index}.url`,
  },
})
