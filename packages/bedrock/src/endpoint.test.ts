import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { emptyEnvironment, type Home } from "./__fixtures__/environment.ts"
import { answerJson, keys, startServer, type TestServer, titanCall } from "./__fixtures__/server.ts"
import { bedrock } from "./transport.ts"

let home: Home
let emulator: TestServer
let elsewhere: TestServer
beforeEach(async () => {
  home = emptyEnvironment()
  emulator = await startServer(answerJson(200, {}))
  elsewhere = await startServer(answerJson(200, {}))
})
afterEach(async () => {
  home.remove()
  await emulator.close()
  await elsewhere.close()
})

const call = async (
  options: { readonly endpoint?: string; readonly profile?: string } = {},
): Promise<void> => {
  const transport = bedrock({ region: "us-west-2", credentials: keys, ...options })
  try {
    await transport.invoke(titanCall)
  } finally {
    await transport.close()
  }
}

const settings: readonly (readonly [what: string, set: (url: string) => void])[] = [
  [
    "AWS_ENDPOINT_URL_BEDROCK_RUNTIME",
    (url) => vi.stubEnv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", url),
  ],
  ["AWS_BEDROCK_RUNTIME_ENDPOINT", (url) => vi.stubEnv("AWS_BEDROCK_RUNTIME_ENDPOINT", url)],
  ["AWS_ENDPOINT_URL", (url) => vi.stubEnv("AWS_ENDPOINT_URL", url)],
  [
    "the profile's endpoint_url",
    (url) => home.write("config", `[default]\nendpoint_url = ${url}\n`),
  ],
  [
    "the profile's service section",
    (url) =>
      home.write(
        "config",
        `[default]\nservices = local\n[services local]\nbedrock_runtime =\n  endpoint_url = ${url}\n`,
      ),
  ],
]

describe("the endpoint", () => {
  it.each(settings)("is %s where the option is absent", async (_, set) => {
    set(elsewhere.url)
    await call()
    expect(elsewhere.requests).toHaveLength(1)
  })

  it.each(settings)("of the option wins over %s", async (_, set) => {
    set(elsewhere.url)
    await call({ endpoint: emulator.url })
    expect([emulator.requests.length, elsewhere.connections()]).toEqual([1, 0])
  })

  it("of the option wins over all of them together, FIPS and dual-stack settings and a profile", async () => {
    for (const [, set] of settings) set(elsewhere.url)
    home.write(
      "config2",
      `[profile paint]\nendpoint_url = ${elsewhere.url}\nuse_fips_endpoint = true\nuse_dualstack_endpoint = true\nregion = us-gov-west-1\n`,
    )
    vi.stubEnv("AWS_CONFIG_FILE", `${home.folder}/config2`)
    vi.stubEnv("AWS_USE_FIPS_ENDPOINT", "true")
    vi.stubEnv("AWS_USE_DUALSTACK_ENDPOINT", "true")
    vi.stubEnv("AWS_PROFILE", "paint")
    vi.stubEnv("HTTPS_PROXY", elsewhere.url)
    vi.stubEnv("HTTP_PROXY", elsewhere.url)
    await call({ endpoint: emulator.url, profile: "paint" })
    expect([emulator.requests.length, elsewhere.connections()]).toEqual([1, 0])
  })

  it("of AWS's own variable for the service wins over LiteLLM's, and that over the general one", async () => {
    vi.stubEnv("AWS_BEDROCK_RUNTIME_ENDPOINT", elsewhere.url)
    vi.stubEnv("AWS_ENDPOINT_URL", emulator.url)
    await call()
    vi.stubEnv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", emulator.url)
    await call()
    expect([elsewhere.requests.length, emulator.requests.length]).toEqual([1, 1])
  })
})
