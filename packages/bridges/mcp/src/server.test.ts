import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import {
  Client,
  type ClientOptions,
  StreamableHTTPClientTransport,
} from "@modelcontextprotocol/client"
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio"
import { createMcpHandler } from "@modelcontextprotocol/server"
import type { EmulatorOptions } from "@pictor/bedrock-emulator"
import { memoryLedger } from "@pictor/core"
import { sharpImages } from "@pictor/images"
import { describe, expect, it } from "vitest"
import { memoryStore, onEmulator } from "./__fixtures__/emulator.ts"
import { createPictorMcp } from "./server.ts"
import type { PictorMcpOptions } from "./types.ts"

const core = "stability.stable-image-core-v1:1"
const nova = "amazon.nova-canvas-v1:0"
const prompt = "Sri lanka tea plantation."

interface World {
  readonly emulator?: EmulatorOptions
  readonly options?: Partial<PictorMcpOptions>
  readonly client?: ClientOptions
  readonly answer?: "accept" | "decline"
}

/** A client of a server over HTTP, of the newest protocol unless `client` says otherwise. */
const connect = async ({ emulator, options, client, answer }: World = {}) => {
  const world = onEmulator(emulator, options?.ledger)
  const store = memoryStore()
  const { imageStore, fetchImage } = store
  const handler = createMcpHandler(
    createPictorMcp({
      pictor: world.pictor,
      imageStore,
      fetchImage,
      imageOps: sharpImages(),
      ...options,
    }),
  )
  const mcp = new Client(
    { name: "test", version: "1.0.0" },
    {
      versionNegotiation: { mode: "auto" },
      ...(answer && { capabilities: { elicitation: { form: {} } } }),
      ...client,
    },
  )
  const questions: string[] = []
  if (answer)
    mcp.setRequestHandler("elicitation/create", ({ params }) => {
      questions.push(params.message)
      return answer === "accept"
        ? { action: "accept", content: { confirm: true } }
        : { action: "decline" }
    })
  await mcp.connect(
    new StreamableHTTPClientTransport(new URL("http://127.0.0.1/mcp"), {
      fetch: (url, init) => handler.fetch(new Request(url, init)),
    }),
  )
  const call = (name: string, given: Record<string, unknown> = {}) =>
    mcp.callTool({ name, arguments: given })
  return {
    ...world,
    ...store,
    mcp,
    call,
    questions,
    [Symbol.asyncDispose]: async () => {
      await mcp.close()
      await handler.close()
      await world.pictor.close()
    },
  }
}

const textOf = ({ content }: { readonly content: readonly object[] }): string =>
  content.flatMap((block) => ("text" in block ? [String(block.text)] : [])).join("\n")

describe("the tools", () => {
  it("have schemas from the cards and say whether they cost", async () => {
    await using world = await connect()
    const { tools } = await world.mcp.listTools()
    const byName = new Map(tools.map((tool) => [tool.name, tool]))
    expect([...byName.keys()].toSorted()).toEqual([
      "edit_image",
      "generate_image",
      "list_models",
      "plan_image",
      "spend_report",
    ])
    expect(byName.get("generate_image")).toMatchObject({
      annotations: { readOnlyHint: false },
      inputSchema: {
        required: ["model", "prompt"],
        properties: {
          n: { maximum: 100 },
          seed: { anyOf: [{ type: "integer" }, { type: "integer" }] },
          negativePrompt: {},
        },
      },
    })
    expect(byName.get("edit_image")?.inputSchema.properties).toHaveProperty("mask")
    expect(byName.get("plan_image")?.annotations).toMatchObject({ readOnlyHint: true })
  })

  it("list the models", async () => {
    await using world = await connect()
    const { structuredContent } = await world.call("list_models")
    expect(structuredContent).toMatchObject({
      models: expect.arrayContaining([{ id: core, tasks: ["text-to-image"], lifecycle: "active" }]),
    })
  })

  it("plan without sending anything", async () => {
    await using world = await connect()
    const { structuredContent } = await world.call("plan_image", {
      model: nova,
      prompt,
      size: "1000x1000",
      n: 7,
    })
    expect(structuredContent).toMatchObject({
      model: nova,
      calls: 2,
      task: "text-to-image",
      changes: expect.arrayContaining([expect.stringMatching(/^size is snapped/)]),
    })
    expect(world.requests).toHaveLength(0)
  })
})

describe("generate_image", () => {
  it("answers with links, small previews, seeds and costs", async () => {
    await using world = await connect()
    const reply = await world.call("generate_image", { model: nova, prompt, n: 2, seed: 7 })
    const direct = await world.pictor.generate({ model: nova, prompt, n: 2, seed: 7 })
    expect(world.requests[0]?.body).toEqual(world.requests[1]?.body)
    expect(reply.structuredContent).toMatchObject({
      model: nova,
      images: await Promise.all(
        direct.images.map(async (image) => ({
          uri: expect.stringMatching(/^https:\/\/images\.example\/.+\.png$/),
          seed: image.seed,
          sha256: await image.sha256(),
          costUsd: 0.04,
        })),
      ),
      costUsd: 0.08,
    })
    const previews = reply.content.filter((block) => block.type === "image")
    expect(previews).toHaveLength(2)
    expect(previews.map(({ data }) => data).join("").length).toBeLessThanOrEqual(24_000)
    expect(reply.content.filter(({ type }) => type === "resource_link")).toHaveLength(2)
    expect(JSON.stringify(reply).length).toBeLessThan(32_000)
    expect(world.kept.size).toBe(2)
  })

  it("says which images were filtered", async () => {
    const faults = [{ kind: "filtered-some", times: 1 }] as const
    await using world = await connect({ emulator: { faults } })
    const reply = await world.call("generate_image", { model: nova, prompt, n: 3 })
    expect(textOf(reply)).toContain("2 of 3 images")
    expect(textOf(reply)).toContain("Image 3 was filtered (output)")
  })

  it("answers a wrong request with all that is wrong", async () => {
    await using world = await connect()
    const reply = await world.call("generate_image", { model: nova, prompt, seed: -1, qualtiy: 1 })
    expect(reply.isError).toBe(true)
    expect(textOf(reply)).toMatch(/seed/)
    expect(world.requests).toHaveLength(0)
  })

  it("keeps to the budget of the server, over all its requests", async () => {
    await using world = await connect({ options: { budgetUsd: 0.09 } })
    const draw = (n: number) => world.call("generate_image", { model: core, prompt, n })
    expect((await draw(2)).isError).toBeUndefined()
    const reply = await draw(1)
    expect(reply).toMatchObject({ isError: true, structuredContent: { code: "budget_exceeded" } })
    expect(textOf(reply)).toContain("limit $0.09, spent $0.08, reserved $0.00, requested $0.04")
    expect(world.requests).toHaveLength(2)
    const { structuredContent } = await world.call("spend_report")
    expect(structuredContent).toMatchObject({ server: { spentUsd: 0.08, budgetUsd: 0.09 } })
  })

  it("gives the budget of a failed request back", async () => {
    const faults = [{ kind: "no-access", times: 1 }] as const
    await using world = await connect({ emulator: { faults }, options: { budgetUsd: 0.05 } })
    const draw = () => world.call("generate_image", { model: core, prompt })
    expect(await draw()).toMatchObject({ isError: true, structuredContent: { code: "forbidden" } })
    expect((await draw()).isError).toBeUndefined()
  })

  it("charges the host's account, whatever a caller writes", async () => {
    const ledger = memoryLedger({ maxRows: 100 })
    await using world = await connect({ options: { ledger, account: { key: "host" } } })
    await world.call("generate_image", { model: core, prompt, account: { key: "other" } })
    expect(await ledger.spend({ by: ["key"] })).toMatchObject([{ group: { key: "host" } }])
    const { structuredContent } = await world.call("spend_report")
    expect(structuredContent).toMatchObject({ ledger: [{ model: core, images: 1, costUsd: 0.04 }] })
  })
})

describe("a dear request", () => {
  const options = { confirmAboveUsd: 0.1 }
  const dear = { model: core, prompt, n: 3 }
  const legacy: ClientOptions = {
    versionNegotiation: { mode: "legacy" },
    capabilities: { elicitation: { form: {} } },
  }

  it("is made once the person at the client confirms it", async () => {
    await using world = await connect({ options, answer: "accept" })
    const reply = await world.call("generate_image", dear)
    expect(world.questions).toEqual([`Make 3 images by ${core} for $0.12?`])
    expect(reply.isError).toBeUndefined()
    expect(world.requests).toHaveLength(3)
  })

  it("is not made if the person declines", async () => {
    await using world = await connect({ options, answer: "decline" })
    const reply = await world.call("generate_image", dear)
    expect(reply.isError).toBe(true)
    expect(textOf(reply)).toContain("was not confirmed")
    expect(world.requests).toHaveLength(0)
  })

  it.each([
    ["the client cannot ask", {}],
    ["the protocol has no way back", { client: legacy, answer: "accept" as const }],
  ])("is not made if %s", async (_, more) => {
    await using world = await connect({ options, ...more })
    const reply = await world.call("generate_image", dear)
    expect(reply.isError).toBe(true)
    expect(world.requests).toHaveLength(0)
  })

  it("needs no confirmation below the sum", async () => {
    await using world = await connect({ options, answer: "decline" })
    expect((await world.call("generate_image", { ...dear, n: 2 })).isError).toBeUndefined()
    expect(world.questions).toEqual([])
  })
})

describe("edit_image", () => {
  it("takes an image by the URL that the server gave", async () => {
    await using world = await connect()
    const made = await world.call("generate_image", { model: nova, prompt, seed: 7 })
    const link = made.content.find((block) => block.type === "resource_link")
    const reply = await world.call("edit_image", { model: nova, prompt, image: link?.uri })
    expect(reply.isError).toBeUndefined()
    expect(world.requests[1]?.body).toMatchObject({ taskType: "IMAGE_VARIATION" })
  })

  it("takes base64, and a task", async () => {
    await using world = await connect()
    const { image } = await world.pictor.generate({ model: nova, prompt })
    const reply = await world.call("edit_image", {
      model: nova,
      task: "remove-background",
      image: image.base64(),
    })
    expect(textOf(reply)).toContain("1 of 1 images")
    expect(world.requests[1]?.body).toMatchObject({ taskType: "BACKGROUND_REMOVAL" })
  })
})

describe("over stdio", () => {
  it("asks, then makes files, with a client of the protocol of 2025", async () => {
    const capabilities = { elicitation: { form: {} } }
    const mcp = new Client({ name: "test", version: "1.0.0" }, { capabilities })
    const questions: string[] = []
    mcp.setRequestHandler("elicitation/create", ({ params }) => {
      questions.push(params.message)
      return { action: "accept", content: { confirm: true } }
    })
    const server = fileURLToPath(new URL("./__fixtures__/stdio-server.ts", import.meta.url))
    const args = ["--conditions=@pictor/source", server]
    await mcp.connect(new StdioClientTransport({ command: process.execPath, args }))
    try {
      const given = { model: core, prompt, seed: 7 }
      const { content } = await mcp.callTool({ name: "generate_image", arguments: given })
      const link = content.find((block) => block.type === "resource_link")
      const file = readFileSync(fileURLToPath(link?.uri ?? ""))
      expect(file.subarray(1, 4).toString()).toBe("PNG")
      expect(questions).toEqual([`Make 1 image by ${core} for $0.04?`])
    } finally {
      await mcp.close()
    }
  })
})

describe("createPictorMcp", () => {
  it("rejects options that it does not have, and sums that are none", () => {
    const { pictor } = onEmulator()
    const { imageStore } = memoryStore()
    const create = (more: object) => () => createPictorMcp({ pictor, imageStore, ...more })
    expect(create({ budget: 1 })).toThrow("budgetUsd")
    expect(create({ budgetUsd: -1 })).toThrow("dollars")
    expect(create({ budgetUsd: 0 })).not.toThrow()
  })
})
