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
  it.each(settings)("is %s if the option is absent", async (_, set) => {
    set(elsewhere.url)
    await call()
    expect(elsewhere.requests).toHaveLength(1)
  })

  it.each(settings)("of the option has precedence over %s", async (_, set) => {
    set(elsewhere.url)
    await call({ endpoint: emulator.url })
    expect([emulator.requests.length, elsewhere.connections()]).toEqual([1, 0])
  })

  it("of the option has precedence over all of them, over FIPS and dual-stack settings and over a profile", async () => {
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

  it("of AWS's variable for the service has precedence over LiteLLM's, and that over the general one", async () => {
    vi.stubEnv("AWS_BEDROCK_RUNTIME_ENDPOINT", elsewhere.url)
    vi.stubEnv("AWS_ENDPOINT_URL", emulator.url)
    await call()
    vi.stubEnv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", emulator.url)
    await call()
    expect([elsewhere.requests.length, emulator.requests.length]).toEqual([1, 1])
  })

  it("of a function is read once, at the first call", async () => {
    let reads = 0
    const transport = bedrock({
      region: "us-west-2",
      credentials: keys,
      endpoint: async () => {
        reads += 1
        return emulator.url
      },
    })
    expect(reads).toBe(0)
    await Promise.all([transport.invoke(titanCall), transport.invoke(titanCall)])
    await transport.invoke({ ...titanCall, region: "eu-west-1" })
    await transport.close()
    expect([reads, emulator.requests.length]).toEqual([1, 3])
  })

  it("of a function is read again after it failed", async () => {
    let reads = 0
    const transport = bedrock({
      region: "us-west-2",
      credentials: keys,
      endpoint: () => {
        reads += 1
        if (reads === 1) throw Object.assign(new Error("taken"), { code: "EADDRINUSE" })
        return emulator.url
      },
    })
    await expect(transport.invoke(titanCall)).rejects.toMatchObject({
      code: "misconfigured",
      message: expect.stringContaining("(EADDRINUSE)"),
    })
    await expect(transport.invoke(titanCall)).resolves.toMatchObject({ status: 200 })
    await transport.close()
  })

  it("of a function must be a URL", async () => {
    const transport = bedrock({ region: "us-west-2", credentials: keys, endpoint: () => "here" })
    await expect(transport.invoke(titanCall)).rejects.toMatchObject({
      code: "misconfigured",
      message: expect.stringContaining("absolute http or https URL"),
    })
  })
})

describe("onClose", () => {
  it("is called by close() once for each time that the endpoint was read", async () => {
    const events: string[] = []
    const transport = bedrock({
      region: "us-west-2",
      credentials: keys,
      endpoint: () => {
        events.push("open")
        return emulator.url
      },
      onClose: async () => void events.push("close"),
    })
    await transport.close()
    for (let round = 0; round < 2; round++) {
      await transport.invoke(titanCall)
      await Promise.all([transport.close(), transport.close()])
    }
    expect(events).toEqual(["open", "close", "open", "close"])
  })
})
