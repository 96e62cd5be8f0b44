import { ImageError } from "@pictor/core"
import { afterAll, beforeEach, describe, expect, it, vi } from "vitest"
import { createFiles, pages, withParams } from "../config/__fixtures__/files.ts"
import type { GatewayOptions } from "../gateway.ts"
import { readArguments } from "./args.ts"
import { run, type World } from "./run.ts"

const files = createFiles()
afterAll(files.remove)
beforeEach(() => {
  for (const name of ["AWS_REGION", "AWS_REGION_NAME", "AWS_DEFAULT_REGION"]) vi.stubEnv(name, "")
  vi.stubEnv("AWS_CONFIG_FILE", "/nowhere")
  vi.stubEnv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
})

const write = async (text: string): Promise<string> =>
  (await files.load(text)).config.path ?? expect.unreachable()

const worldOf = (world: Partial<World> = {}) => {
  const printed: string[] = []
  const told: string[] = []
  const started: GatewayOptions[] = []
  const set: object[] = []
  const whole: World = {
    environment: {},
    setEnvironment: (variables) => void set.push(variables),
    print: (text) => void printed.push(text),
    tell: (text) => void told.push(text),
    start: async (options) => {
      started.push(options)
      return { url: "http://127.0.0.1:4000", notes: ["Mind this."] }
    },
    now: () => Date.UTC(2026, 10, 20),
    ...world,
  }
  return { world: whole, printed, told, started, set }
}

const [first = ""] = pages

describe("the command", () => {
  it("helps", async () => {
    const { world, printed } = worldOf()
    expect(await run(["--help"], world)).toBe(0)
    expect(printed.join("")).toContain("pnpm gateway --config config.yaml\n")
  })

  it.each([
    [
      "--port",
      "70000",
      /^--port is a whole number from 0 to 65535; "70000" is none\.\nSee pnpm gateway --help\.$/,
    ],
    ["--port", "4k", /--port is a whole number/],
    ["--config", " ", /^--config is blank: name a file/],
    ["--host", "", /^--host is blank/],
    ["--confg", "x", /Unknown option '--confg'/],
    ["config.yaml", "x", /Unexpected argument 'config\.yaml'/],
  ])("refuses %s %j", async (name, value, message) => {
    const { world, told } = worldOf()
    expect(await run([name, value], world)).toBe(2)
    expect(told.join("\n")).toMatch(message)
  })

  it("listens on 127.0.0.1:4000 unless it is told otherwise", () => {
    expect(readArguments([])).toEqual({
      kind: "run",
      options: { check: false, port: 4000, host: "127.0.0.1" },
    })
    expect(readArguments(["--", "-c", "x.yaml", "-p", "0", "--host", "::1"])).toEqual({
      kind: "run",
      options: { config: "x.yaml", check: false, port: 0, host: "::1" },
    })
  })

  it("starts with what the file says, once its variables are set", async () => {
    const path = await write(`environment_variables: { A: 1 }\n${withParams("tpm: 3")}\n`)
    const { world, told, started, set } = worldOf()
    expect(await run(["--config", path, "--port", "0"], world)).toBe("serving")
    expect(started).toMatchObject([
      {
        config: { path, models: [{ group: "paint" }] },
        warnings: [expect.stringContaining("tpm")],
        settings: { host: "127.0.0.1", port: 0 },
      },
    ])
    expect([told, set]).toEqual([
      ["note: Mind this.", "Listening on http://127.0.0.1:4000"],
      [{ A: "1" }],
    ])
  })

  it("starts on the emulator without a file", async () => {
    const { world, started } = worldOf()
    expect(await run([], world)).toBe("serving")
    expect(started).toEqual([{ settings: { host: "127.0.0.1", port: 4000 } }])
  })

  it.each(["0.0.0.0", "10.1.2.3", "gateway.example.com", "::"])(
    "does not listen on %s without a master key",
    async (host) => {
      const { world, told, started } = worldOf()
      expect([
        await run(["--config", first, "--host", host], world),
        await run(["--host", host], world),
        started,
      ]).toEqual([2, 2, []])
      expect(told[0]).toContain(
        `--host ${host} would let whoever reaches it make images: set general_settings.master_key`,
      )
      const path = await write(`${withParams()}\ngeneral_settings: { master_key: sk-1 }\n`)
      expect(await run(["--config", path, "--host", host], world)).toBe("serving")
      expect(
        await run(["--host", host], worldOf({ environment: { LITELLM_MASTER_KEY: "sk-1" } }).world),
      ).toBe("serving")
    },
  )

  it.each([
    ["invalid_request", 2],
    ["unavailable", 1],
  ] as const)("ends with the reason where it cannot start: %s is %d", async (code, exitCode) => {
    const start = () =>
      Promise.reject(new ImageError({ code, message: "The database does not answer." }))
    const { world, told } = worldOf({ start })
    expect([await run(["--config", first], world), told]).toEqual([
      exitCode,
      ["The database does not answer."],
    ])
  })

  it("ends with everything that is wrong with the file", async () => {
    const { world, told, started } = worldOf()
    expect(await run(["--config", "/nowhere/config.yaml"], world)).toBe(2)
    expect([told, started]).toEqual([["/nowhere/config.yaml does not exist."], []])
  })
})

describe("--check", () => {
  it("prints what the file of LiteLLM's page amounts to, without its keys", async () => {
    const { world, printed, told, started } = worldOf()
    expect(await run(["--config", first, "--check"], world)).toBe(0)
    const [, , heads, row] = printed.join("").split("\n")
    expect(heads).toMatch(
      /^NAME +MODEL +DEPLOYMENT +REGION +ENDPOINT +PROVES ITSELF BY +LIMITS +PRICE OF AN IMAGE +LIFECYCLE$/,
    )
    expect(row).toMatch(
      /^amazon\.nova-canvas-v1:0 +amazon\.nova-canvas-v1:0 +d21e15ebc0b6f783 +us-east-1 +default +access keys +none +\$0\.04 to \$0\.08 +\w+/,
    )
    expect(told).toEqual([
      "warning: model_list[0].litellm_params.aws_secret_access_id is taken as aws_access_key_id, its right name.",
    ])
    expect([started, `${printed.join("")}${told.join("")}`.includes("my-key")]).toEqual([[], false])
  })

  it("prints limits, own prices, fallbacks and aliases, and warns of what is missing", async () => {
    const path =
      await write(`${withParams("rpm: 60", "images_per_minute: 200", "max_parallel_requests: 4", "output_cost_per_image: 0")}
  - { model_name: b, litellm_params: { model: bedrock/stability.stable-image-core-v1:1, aws_region_name: eu-west-1 } }
  - { model_name: c, litellm_params: { model: bedrock/amazon.nova-canvas-v1:0, model_id: "arn:aws:bedrock:us-east-1:000000000000:provisioned-model/a0" } }
  - { model_name: d, litellm_params: { model: bedrock/stability.sd3-large-v1:0, aws_region_name: us-west-2 } }
router_settings: { fallbacks: [{ paint: [b, c] }], default_fallbacks: [b], content_policy_fallbacks: [{ b: [c] }], model_group_alias: { gpt-image: b } }
`)
    const { world, printed, told } = worldOf()
    expect(await run(["--config", path, "--check"], world)).toBe(0)
    const text = printed.join("")
    expect(text).toMatch(
      /^paint .* none +default +AWS's own chain +60 requests\/min, 200 images\/min, 4 at a time +\$0, configured +retired since 2026-09-30, successor /m,
    )
    expect(text).toMatch(/^c .* us-east-1 .* unknown +/m)
    expect(text).toMatch(/^d .* retired, successor stability\.sd3-5-large-v1:0$/m)
    expect(text).toContain(
      "\nRouting\n  3 retries, 5 s of cooldown after more than 3 failures in a minute\n  by default → b\n",
    )
    expect(text).toContain(
      "\nFallbacks\n  paint → b, c\n\nFallbacks of what is filtered\n  b → c\n\nAliases\n  gpt-image → b\n",
    )
    expect(told).toEqual([
      expect.stringMatching(
        /^warning: paint \([0-9a-f]{16}\) has no region: set aws_region_name, or the variable AWS_REGION\.$/,
      ),
      expect.stringMatching(
        /^warning: b \([0-9a-f]{16}\) is called in eu-west-1; AWS lists stability\.stable-image-core-v1:1 in us-west-2\.$/,
      ),
    ])
  })

  it("prints where deployments are called that have an endpoint of their own, without what it may hold of a password", async () => {
    const path = await write(
      withParams(
        "aws_region_name: us-east-1",
        "api_base: https://ann:hidden@bedrock.example.com:8443/proxy/?token=hidden",
      ),
    )
    const { world, printed } = worldOf()
    expect(await run(["--config", path, "--check"], world)).toBe(0)
    expect(printed.join("")).toContain(" us-east-1  https://bedrock.example.com:8443/proxy ")
    expect(printed.join("")).not.toContain("hidden")
  })

  it("says of no file that every model is on an emulator", async () => {
    const { world, printed } = worldOf()
    expect(await run(["--check"], world)).toBe(0)
    expect(printed.join("")).toMatch(/^No --config: every model is on an emulator\.\n\nNAME /)
  })
})
