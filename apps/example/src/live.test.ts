import { readdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import { bedrock } from "@pictor/bedrock"
import {
  type BedrockEmulator,
  createBedrockEmulator,
  type EmulatorOptions,
} from "@pictor/bedrock-emulator"
import { http } from "@pictor/http"
import { type BillEntry, emulated as emulatedOpenai } from "@pictor/openai-emulator"
import { describe, expect, it, onTestFinished, vi } from "vitest"
import { createStage, type Stage, type StageOptions } from "./__fixtures__/world.ts"
import { type Connect, connectLive, emulate, providerNames, providers } from "./providers.ts"
import { run } from "./run.ts"

const credentials = { accessKeyId: "AKIATEST", secretAccessKey: "secret" }
const active = [
  "stability.sd3-5-large-v1:0",
  "stability.stable-image-core-v1:1",
  "stability.stable-image-ultra-v1:1",
]
const core = "stability.stable-image-core-v1:1"

interface LiveStage extends Stage {
  readonly emulator: BedrockEmulator
}

/** `--live` with an emulator in the place of AWS. */
const createLiveStage = async (
  options: StageOptions = {},
  settings: EmulatorOptions = {},
): Promise<LiveStage> => {
  const emulator = await createBedrockEmulator(settings)
  onTestFinished(emulator.close)
  const connect: Connect = (_, region = "us-east-1") =>
    bedrock({ region, endpoint: emulator.url, credentials })
  const refuse = (): never => {
    throw new Error("--live must not start an emulator")
  }
  return { ...(await createStage({ connect, emulate: refuse, ...options })), emulator }
}

const called = ({ emulator }: LiveStage): readonly string[] =>
  emulator.requests.map(({ modelId }) => modelId)

describe("run --live", () => {
  it("orders the active models alone, in a region of their cards, and states the bound", async () => {
    const stage = await createLiveStage({ answer: "n" })
    expect(await run(["--live"], stage.world)).toBe(0)
    expect(called(stage).toSorted()).toEqual(active)
    for (const { headers } of stage.emulator.requests)
      expect(headers["authorization"]).toContain("/us-west-2/bedrock/")
    expect(stage.questions).toEqual([])
    expect(stage.noted()).toContain("Ordering 3 pictures from Amazon Bedrock for at most $0.26.")
    expect(stage.printed()).toMatch(
      /amazon\.nova-canvas-v1:0 +retired since 2026-09-30; its successor is/,
    )
    expect(stage.printed().indexOf("ESTIMATE")).toBeGreaterThan(0)
    expect(await readdir(stage.out)).toHaveLength(4)
    expect(await readFile(join(stage.out, "contact-sheet.html"), "utf8")).not.toContain(
      "are emulated",
    )
  })

  it("asks above $0.50, and sends nothing where the answer is no", async () => {
    const stage = await createLiveStage({ answer: "" })
    expect(await run(["--live", "--n", "2"], stage.world)).toBe(4)
    expect(stage.questions).toEqual([
      "Order 6 pictures from Amazon Bedrock for at most $0.52? [y/N] ",
    ])
    expect(called(stage)).toEqual([])
  })

  it("sends nothing where nobody can be asked", async () => {
    const stage = await createLiveStage()
    expect(await run(["--live"], stage.world)).toBe(4)
    expect(called(stage)).toEqual([])
    expect(stage.noted()).toContain(
      "Add --yes to order 3 pictures from Amazon Bedrock for at most $0.26",
    )
  })

  it("does not ask under --yes, and calls the region given", async () => {
    const stage = await createLiveStage()
    expect(
      await run(["--live", "--yes", "--model", core, "--region", "eu-west-1"], stage.world),
    ).toBe(0)
    expect(called(stage)).toEqual([core])
    expect(stage.emulator.requests[0]?.headers["authorization"]).toContain("/eu-west-1/bedrock/")
  })

  it("orders a retired model that is named, and warns of it", async () => {
    const stage = await createLiveStage({ answer: "yes" })
    expect(await run(["--live", "--model", "amazon.titan-image-generator-v2:0"], stage.world)).toBe(
      0,
    )
    expect(called(stage)).toEqual(["amazon.titan-image-generator-v2:0"])
    expect(stage.printed()).toContain("is retired since 2026-06-30")
  })

  it("sends nothing in a dry run, and asks nothing", async () => {
    const stage = await createLiveStage({ answer: "y" })
    expect(await run(["--live", "--dry-run", "--yes"], stage.world)).toBe(0)
    expect(called(stage)).toEqual([])
    expect(stage.questions).toEqual([])
    expect(stage.printed()).toMatch(/total +3 +\$0\.26/)
  })

  it("ends with 2 where the region has none of the models", async () => {
    const stage = await createLiveStage({ answer: "y" })
    expect(await run(["--live", "--region", "eu-west-1"], stage.world)).toBe(2)
    expect(called(stage)).toEqual([])
    expect(stage.printed()).toContain("not in eu-west-1; its card lists us-west-2")
  })

  it("asks nothing and sends nothing where the folder cannot be written", async () => {
    const stage = await createLiveStage({ answer: "y" })
    expect(await run(["--live", "--out", "/dev/null/out"], stage.world)).toBe(2)
    expect([called(stage), stage.questions]).toEqual([[], []])
  })

  it("tells at Ctrl-C what was delivered and what may be billed", async () => {
    const stopping = new AbortController()
    const stage = await createLiveStage(
      { signal: stopping.signal },
      { faults: [{ kind: "timeout", model: core }] },
    )
    const note = (text: string): void => {
      stage.world.terminal.note(text)
      if (stage.noted().match(/1 of 1 delivered/g)?.length === 2) stopping.abort()
    }
    expect(
      await run(["--live", "--yes"], {
        ...stage.world,
        terminal: { ...stage.world.terminal, note },
      }),
    ).toBe(130)
    expect(stage.noted()).toContain(
      "Interrupted: 2 of 3 pictures delivered ($0.22), 1 sent without an answer and perhaps billed ($0.00 to $0.04), 0 never sent.",
    )
    expect(await readdir(stage.out)).toHaveLength(3)
  })

  it("without credentials lists the sources that were tried and what to do", async () => {
    const emulator = await createBedrockEmulator()
    onTestFinished(emulator.close)
    for (const name of Object.keys(process.env).filter((each) => each.startsWith("AWS_")))
      vi.stubEnv(name, undefined)
    vi.stubEnv("AWS_CONFIG_FILE", "/dev/null")
    vi.stubEnv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    vi.stubEnv("AWS_EC2_METADATA_DISABLED", "true")
    const stage = await createStage({
      answer: "y",
      connect: (_, region = "us-east-1") => bedrock({ region, endpoint: emulator.url }),
      environment: process.env,
    })
    expect(await run(["--live"], stage.world)).toBe(3)
    expect(emulator.requests).toEqual([])
    expect(stage.noted()).toContain("No AWS credentials were found. Nothing was sent")
    for (const source of [
      "AWS_BEARER_TOKEN_BEDROCK: not set",
      'profile "default"',
      "switched off by AWS_EC2_METADATA_DISABLED",
      "aws sso login",
    ])
      expect(stage.noted()).toContain(source)
  })

  it("stops at once where AWS refuses the credentials, and says so", async () => {
    const stage = await createLiveStage({ answer: "y" }, { faults: [{ kind: "expired-token" }] })
    expect(
      await run(["--live", ...active.flatMap((model) => ["--model", model])], stage.world),
    ).toBe(3)
    expect(stage.noted()).toMatch(/unauthenticated: .*expired/i)
    expect(stage.noted()).not.toContain("No AWS credentials were found")
  })
})

const keyed = providerNames.flatMap((name) => {
  const { key } = providers[name]
  return key ? [{ name, variable: key.variable }] : []
})

/** `--live` with the real connections and no key but those of the environment. */
const createKeyStage = (environment: NodeJS.ProcessEnv): Promise<Stage> =>
  createStage({ answer: "y", environment, connect: connectLive(environment) })

describe("run --live --provider", () => {
  it.each(keyed)("$name without its key names $variable, and asks nothing", async (each) => {
    const stage = await createKeyStage({ [each.variable]: " " })
    expect(await run(["--live", "--provider", each.name], stage.world)).toBe(3)
    expect(stage.noted()).toMatch(
      new RegExp(`^${each.variable} is not set\\. Create a key at https:`),
    )
    expect(stage.questions).toEqual([])
  })

  it("names the key of each provider that lacks one", async () => {
    const stage = await createKeyStage({ GEMINI_API_KEY: "a-key" })
    const models = ["gpt-image-2", "gemini-3-pro-image", "flux-2-pro"]
    const args = models.flatMap((model) => ["--model", model])
    expect(await run(["--live", ...args], stage.world)).toBe(3)
    expect(stage.noted().match(/\w+(?= is not set)/g)).toEqual(["OPENAI_API_KEY", "BFL_API_KEY"])
  })

  it("needs no key for a dry run", async () => {
    const stage = await createKeyStage({})
    expect(await run(["--live", "--dry-run", "--provider", "gemini"], stage.world)).toBe(0)
    expect(stage.printed()).toMatch(/total +2 +≤ \$0\.\d+/)
  })

  it("stops at the provider that rejects its key, names the variable and does not show the key", async () => {
    const key = "sk-a-wrong-one"
    const emulator = emulatedOpenai({ apiKey: "sk-the-right-one" })
    const stage = await createStage({
      answer: "y",
      environment: { OPENAI_API_KEY: key },
      connect: () => http({ ...emulator, key }),
    })
    expect(await run(["--live", "--provider", "openai"], stage.world)).toBe(3)
    expect(stage.noted()).toContain("Set OPENAI_API_KEY to a valid key.")
    expect(stage.noted()).not.toContain(key)
  })

  it("orders at the named provider, and says before how much it costs at most", async () => {
    const bill: BillEntry[] = []
    const connect = emulate({ openai: { bill } })
    const stage = await createStage({
      answer: "n",
      environment: { OPENAI_API_KEY: "a-key" },
      connect,
    })
    expect(await run(["--live", "--provider", "openai"], stage.world)).toBe(0)
    expect(bill).toHaveLength(2)
    expect(stage.noted()).toMatch(/^Ordering 2 pictures from OpenAI for at most \$0\.\d+\.\n/)
    expect(stage.printed()).toContain("2 models at OpenAI")
  })
})
