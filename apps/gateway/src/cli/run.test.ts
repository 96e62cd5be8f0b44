import { ImageError } from "@pictor/core"
import { afterAll, beforeEach, describe, expect, it, vi } from "vitest"
import { createFiles, pages, withParams } from "../config/__fixtures__/files.ts"
import type { GatewayOptions } from "../gateway.ts"
import { readArguments } from "./args.ts"
import { type Process, run } from "./run.ts"

const files = createFiles()
afterAll(files.remove)
beforeEach(() => {
  for (const name of ["AWS_REGION", "AWS_REGION_NAME", "AWS_DEFAULT_REGION"]) vi.stubEnv(name, "")
  vi.stubEnv("AWS_CONFIG_FILE", "/nowhere")
  vi.stubEnv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
})

const write = async (text: string): Promise<string> =>
  (await files.load(text)).config.path ?? expect.unreachable()

const processOf = (process: Partial<Process> = {}) => {
  const printed: string[] = []
  const errors: string[] = []
  const started: GatewayOptions[] = []
  const set: object[] = []
  const whole: Process = {
    environment: {},
    setEnvironment: (variables) => void set.push(variables),
    print: (text) => void printed.push(text),
    printError: (text) => void errors.push(text),
    start: async (options) => {
      started.push(options)
      return { url: "http://127.0.0.1:4000", notes: ["Mind this."] }
    },
    now: () => Date.UTC(2026, 10, 20),
    ...process,
  }
  return { process: whole, printed, errors, started, set }
}

const [first = ""] = pages

describe("run", () => {
  it("prints the help", async () => {
    const { process, printed } = processOf()
    expect(await run(["--help"], process)).toBe(0)
    expect(printed.join("")).toContain("pnpm gateway --config config.yaml\n")
  })

  it.each([
    [
      "--port",
      "70000",
      /^--port must be a whole number from 0 to 65535, not "70000"\.\nSee pnpm gateway --help\.$/,
    ],
    ["--port", "4k", /--port must be a whole number/],
    ["--config", " ", /^--config is empty\. Name a file/],
    ["--host", "", /^--host is empty/],
    ["--confg", "x", /Unknown option '--confg'/],
    ["config.yaml", "x", /Unexpected argument 'config\.yaml'/],
  ])("rejects %s %j", async (name, value, message) => {
    const { process, errors } = processOf()
    expect(await run([name, value], process)).toBe(2)
    expect(errors.join("\n")).toMatch(message)
  })

  it("listens on 127.0.0.1:4000 by default", () => {
    expect(readArguments([])).toEqual({
      kind: "run",
      options: { check: false, port: 4000, host: "127.0.0.1" },
    })
    expect(readArguments(["--", "-c", "x.yaml", "-p", "0", "--host", "::1"])).toEqual({
      kind: "run",
      options: { config: "x.yaml", check: false, port: 0, host: "::1" },
    })
  })

  it("sets the variables of the file and starts with its configuration", async () => {
    const path = await write(`environment_variables: { A: 1 }\n${withParams("tpm: 3")}\n`)
    const { process, errors, started, set } = processOf()
    expect(await run(["--config", path, "--port", "0"], process)).toBe("serving")
    expect(started).toMatchObject([
      {
        config: { path, models: [{ group: "paint" }] },
        warnings: [expect.stringContaining("tpm")],
        settings: { host: "127.0.0.1", port: 0 },
      },
    ])
    expect([errors, set]).toEqual([
      ["note: Mind this.", "Listening on http://127.0.0.1:4000"],
      [{ A: "1" }],
    ])
  })

  it("starts on the emulator without a file", async () => {
    const { process, started } = processOf()
    expect(await run([], process)).toBe("serving")
    expect(started).toEqual([{ settings: { host: "127.0.0.1", port: 4000 } }])
  })

  it.each(["0.0.0.0", "10.1.2.3", "gateway.example.com", "::"])(
    "does not listen on %s without a master key",
    async (host) => {
      const { process, errors, started } = processOf()
      expect([
        await run(["--config", first, "--host", host], process),
        await run(["--host", host], process),
        started,
      ]).toEqual([2, 2, []])
      expect(errors[0]).toContain(`--host ${host} needs a master key`)
      const path = await write(`${withParams()}\ngeneral_settings: { master_key: sk-1 }\n`)
      expect(await run(["--config", path, "--host", host], process)).toBe("serving")
      expect(
        await run(
          ["--host", host],
          processOf({ environment: { LITELLM_MASTER_KEY: "sk-1" } }).process,
        ),
      ).toBe("serving")
    },
  )

  it.each([
    ["invalid_request", 2],
    ["unavailable", 1],
  ] as const)("prints the reason if it cannot start: %s exits with %d", async (code, exitCode) => {
    const start = () =>
      Promise.reject(new ImageError({ code, message: "The database does not answer." }))
    const { process, errors } = processOf({ start })
    expect([await run(["--config", first], process), errors]).toEqual([
      exitCode,
      ["The database does not answer."],
    ])
  })

  it("prints the errors of the file", async () => {
    const { process, errors, started } = processOf()
    expect(await run(["--config", "/nowhere/config.yaml"], process)).toBe(2)
    expect([errors, started]).toEqual([["/nowhere/config.yaml does not exist."], []])
  })
})

describe("--check", () => {
  it("prints the deployments of LiteLLM's example without its keys", async () => {
    const { process, printed, errors, started } = processOf()
    expect(await run(["--config", first, "--check"], process)).toBe(0)
    const [, , heads, row] = printed.join("").split("\n")
    expect(heads).toMatch(
      /^NAME +MODEL +DEPLOYMENT +REGION +ENDPOINT +CREDENTIALS +LIMITS +PRICE PER IMAGE +LIFECYCLE$/,
    )
    expect(row).toMatch(
      /^amazon\.nova-canvas-v1:0 +amazon\.nova-canvas-v1:0 +d21e15ebc0b6f783 +us-east-1 +default +access keys +none +\$0\.04 to \$0\.08 +\w+/,
    )
    expect(errors).toEqual([
      "warning: model_list[0].litellm_params.aws_secret_access_id is read as aws_access_key_id, the correct name.",
    ])
    expect([started, `${printed.join("")}${errors.join("")}`.includes("my-key")]).toEqual([
      [],
      false,
    ])
  })

  it("prints limits, prices, fallbacks and aliases, and warns of missing regions", async () => {
    const path =
      await write(`${withParams("rpm: 60", "images_per_minute: 200", "max_parallel_requests: 4", "output_cost_per_image: 0")}
  - { model_name: b, litellm_params: { model: bedrock/stability.stable-image-core-v1:1, aws_region_name: eu-west-1 } }
  - { model_name: c, litellm_params: { model: bedrock/amazon.nova-canvas-v1:0, model_id: "arn:aws:bedrock:us-east-1:000000000000:provisioned-model/a0" } }
  - { model_name: d, litellm_params: { model: bedrock/stability.sd3-large-v1:0, aws_region_name: us-west-2 } }
  - { model_name: e, litellm_params: { model: bedrock/amazon.nova-2-omni-v1:0, aws_region_name: us-east-1 } }
router_settings: { fallbacks: [{ paint: [b, c] }], default_fallbacks: [b], content_policy_fallbacks: [{ b: [c] }], model_group_alias: { gpt-image: b } }
`)
    const { process, printed, errors } = processOf()
    expect(await run(["--config", path, "--check"], process)).toBe(0)
    const text = printed.join("")
    expect(text).toMatch(
      /^paint .* none +default +AWS default chain +60 requests\/min, 200 images\/min, 4 concurrent +\$0 \(configured\) +retired since 2026-09-30, successor /m,
    )
    expect(text).toMatch(/^c .* us-east-1 .* unknown +/m)
    expect(text).toMatch(/^e .* by usage +preview$/m)
    expect(text).toMatch(/^d .* retired, successor stability\.sd3-5-large-v1:0$/m)
    expect(text).toContain(
      "\nRouting\n  3 retries, cooldown of 5 s after more than 3 failures in a minute\n  default → b\n",
    )
    expect(text).toContain(
      "\nFallbacks\n  paint → b, c\n\nFallbacks for filtered content\n  b → c\n\nAliases\n  gpt-image → b\n",
    )
    expect(errors).toEqual([
      expect.stringMatching(
        /^warning: paint \([0-9a-f]{16}\) has no region\. Set aws_region_name or the environment variable AWS_REGION\.$/,
      ),
      expect.stringMatching(
        /^warning: b \([0-9a-f]{16}\) is in eu-west-1, but AWS lists stability\.stable-image-core-v1:1 in us-west-2\.$/,
      ),
    ])
  })

  it("prints every limit on money", async () => {
    const path = await write(`${withParams()}
litellm_settings:
  max_budget: 1234.5
  budget_duration: 1d
  default_key_generate_params: { max_budget: 5, rpm_limit: 60 }
  upperbound_key_generate_params: { max_budget: 50, budget_duration: 30d, duration: 1mo, tpm_limit: 9 }
`)
    const { process, printed } = processOf()
    expect(await run(["--config", path, "--check"], process)).toBe(0)
    expect(printed.join("")).toContain(`
Limits on money
  everything: $1,234.5 per 1d
  a new key: $5, a budget of 30d, 60 requests/min, valid for 1mo
  any key, at most: $50, a budget of 30d, valid for 1mo
`)
    const none = processOf()
    await run(["--check"], none.process)
    expect(none.printed.join("")).toContain(`
Limits on money
  everything: no limit
  a new key: no limit
  any key, at most: no limit
`)
  })

  it("prints endpoints without passwords", async () => {
    const path = await write(
      withParams(
        "aws_region_name: us-east-1",
        "api_base: https://ann:hidden@bedrock.example.com:8443/proxy/?token=hidden",
      ),
    )
    const { process, printed } = processOf()
    expect(await run(["--config", path, "--check"], process)).toBe(0)
    expect(printed.join("")).toContain(" us-east-1  https://bedrock.example.com:8443/proxy ")
    expect(printed.join("")).not.toContain("hidden")
  })

  it("prints that every model is on the emulator without a file", async () => {
    const { process, printed } = processOf()
    expect(await run(["--check"], process)).toBe(0)
    expect(printed.join("")).toMatch(/^No --config: every model is on the emulator\.\n\nNAME /)
  })
})
