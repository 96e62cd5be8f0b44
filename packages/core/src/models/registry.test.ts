import { describe, expect, it } from "vitest"
import { scripted } from "../__fixtures__/client.ts"
import { grid, list, plain, ratio, weighted } from "../__fixtures__/families.ts"
import type { ImageAdapter } from "../contract/adapter.ts"
import { createRegistry } from "./registry.ts"

const { transport } = scripted()
const all = [
  grid(transport),
  list(transport),
  ratio(transport),
  weighted(transport),
  plain(transport),
]
const registry = createRegistry(all)
const gridId = "acme.grid-v1:0"
const arn = (kind: string, tail: string): string => `arn:wire:south-1:${kind}/${tail}`

const thrown = (act: () => unknown): Error => {
  try {
    act()
  } catch (error) {
    return error as Error
  }
  throw new Error("nothing was thrown")
}

describe("a model string", () => {
  it.each([
    ["an id", gridId, { modelId: gridId, listed: true }],
    ["an alias", "acme.grid", { modelId: gridId, listed: true }],
    ["a prefix", `wire/${gridId}`, { modelId: gridId, listed: true }],
    ["a prefix and an alias", "wire/acme.grid", { modelId: gridId, listed: true }],
    [
      "a prefix with a region",
      `wire/south-1/${gridId}`,
      { modelId: gridId, region: "south-1", listed: true },
    ],
    [
      "an ARN of the model",
      arn("foundation", gridId),
      { modelId: arn("foundation", gridId), region: "south-1", listed: true },
    ],
  ])("may be %s", (_, model, expected) => {
    const { adapter, card, ...target } = registry.resolve(model)
    expect([adapter.name, card.id]).toEqual(["grid", gridId])
    expect(target).toEqual({ ...expected, warnings: [], changes: [] })
  })

  it("with an alias that has a warning carries it", () => {
    expect(registry.resolve("acme.acme.grid-v1:0")).toMatchObject({
      modelId: gridId,
      warnings: ["acme.acme.grid-v1:0 doubles its prefix."],
    })
  })

  it("of a model that has profiles calls the first, which is reported", () => {
    expect(registry.resolve("acme.ratio-v1:0")).toMatchObject({
      modelId: "us.acme.ratio-v1:0",
      changes: [
        { field: "model", action: "mapped", from: "acme.ratio-v1:0", to: "us.acme.ratio-v1:0" },
      ],
      warnings: [],
    })
  })

  it.each(["us.acme.ratio-v1:0", "eu.acme.ratio-v1:0", "wire/eu.acme.ratio-v1:0"])(
    "%s names a profile: it is called as given",
    (model) => {
      expect(registry.resolve(model)).toMatchObject({
        modelId: model.replace("wire/", ""),
        changes: [],
        warnings: [],
      })
    },
  )

  it("with a geo prefix that the card does not list is called as given, with a warning", () => {
    const warnings = ["apac.acme.ratio-v1:0 is on no page."]
    expect(registry.resolve("apac.acme.ratio-v1:0")).toMatchObject({
      modelId: "apac.acme.ratio-v1:0",
      changes: [],
      warnings,
    })
    expect(registry.resolve("acme.ratio-v1:0", "apac.acme.ratio-v1:0")).toMatchObject({
      modelId: "apac.acme.ratio-v1:0",
      changes: [],
      warnings,
    })
  })

  it.each([
    "acme.grid-v1",
    "acme.grid-v1:00",
    "ACME.GRID-V1:0",
    "acme.grid-v2:0",
    "wire/",
    "nope/acme.grid-v1:0",
    "__proto__",
    "constructor",
  ])("%s is unknown: nothing is guessed", (model) => {
    expect(thrown(() => registry.resolve(model))).toMatchObject({
      code: "model_not_found",
      message: expect.stringContaining("nearest names are"),
    })
  })

  it("that is unknown is answered with the nearest names", () => {
    expect(thrown(() => registry.resolve("acme.grd-v1:0")).message).toContain(
      "nearest names are acme.grid-v1:0",
    )
    expect(thrown(() => createRegistry([]).resolve("any")).message).toContain(
      "No adapter is installed",
    )
    expect(thrown(() => registry.resolve("x".repeat(100_000))).message.length).toBeLessThan(300)
  })

  it.each([undefined, null, "", 5, {}])("%j is a missing model", (model) => {
    expect(thrown(() => registry.resolve(model))).toMatchObject({
      code: "invalid_request",
      issues: [{ path: "model" }],
    })
  })
})

describe("modelId", () => {
  it.each([
    [
      "an opaque ARN has no list price",
      arn("provisioned", "abc"),
      { region: "south-1", listed: false },
    ],
    [
      "an application profile is priced as its model",
      arn("profile", "abc"),
      { region: "south-1", listed: true },
    ],
    ["an ARN of the model", arn("foundation", gridId), { region: "south-1", listed: true }],
    ["any other text", "custom-name", { listed: true }],
  ])("%s is called in place of the model", (_, modelId, expected) => {
    const { adapter: _adapter, card, ...target } = registry.resolve(gridId, modelId)
    expect(card.id).toBe(gridId)
    expect(target).toEqual({ modelId, warnings: [], changes: [], ...expected })
  })

  it("takes the model's region where it says none", () => {
    expect(registry.resolve(`wire/south-1/${gridId}`, "custom-name")).toMatchObject({
      modelId: "custom-name",
      region: "south-1",
    })
    expect(registry.resolve(`wire/north-1/${gridId}`, arn("provisioned", "x"))).toMatchObject({
      region: "south-1",
    })
  })

  it("is the remedy for an opaque ARN given as the model", () => {
    expect(thrown(() => registry.resolve(arn("provisioned", "abc")))).toMatchObject({
      code: "model_not_found",
      message: expect.stringContaining("give the ARN as `modelId`"),
    })
  })
})

describe("several adapters", () => {
  const eu = grid(transport, { name: "eu" })
  const us = grid(transport, { name: "us" })

  it("that claim one model are refused, unless named", () => {
    for (const adapters of [
      [grid(transport), grid(transport)],
      [grid(transport), list(transport), grid(scripted().transport)],
    ])
      expect(thrown(() => createRegistry(adapters))).toMatchObject({
        code: "invalid_request",
        message: expect.stringContaining(gridId),
      })
    expect(thrown(() => createRegistry([eu, grid(transport, { name: "eu" })]))).toMatchObject({
      code: "invalid_request",
    })
  })

  it.each(["", "a/b", "/"])("cannot be named %j", (name) => {
    expect(thrown(() => createRegistry([grid(transport, { name })]))).toMatchObject({
      code: "invalid_request",
    })
  })

  it("of one name may have different models", () => {
    const both = createRegistry([eu, list(transport, { name: "eu" })])
    expect(both.resolve("eu/acme.list-v1:0").adapter.name).toBe("list")
    expect(both.resolve("acme.list-v1:0").adapter.name).toBe("list")
  })

  it("are addressed by name, and the one without keeps the bare id, whatever their order", () => {
    const bare = grid(transport)
    for (const adapters of [
      [bare, eu],
      [eu, bare],
    ] as readonly (readonly ImageAdapter[])[]) {
      const named = createRegistry(adapters)
      expect(named.resolve(gridId).adapter).toBe(bare)
      expect(named.resolve(`eu/${gridId}`)).toMatchObject({ adapter: eu, modelId: gridId })
      expect(named.resolve(`eu/wire/south-1/${gridId}`)).toMatchObject({
        adapter: eu,
        region: "south-1",
      })
    }
  })

  it("of which all are named share no bare id, and the error says how to address them", () => {
    const named = createRegistry([eu, us, list(transport, { name: "other" })])
    expect(named.resolve(`us/acme.grid`).adapter).toBe(us)
    for (const model of [gridId, `wire/${gridId}`]) {
      const { message } = thrown(() => named.resolve(model))
      expect(message).toContain(`eu/${model}, us/${model}.`)
      expect(message).not.toContain("other/")
    }
    expect(createRegistry([eu]).resolve(gridId).adapter).toBe(eu)
  })

  it("are asked for names of their own models only", () => {
    const deaf = grid({ ...transport, parse: () => undefined })
    const listening = list(transport)
    const mixed = createRegistry([deaf, listening])
    expect(thrown(() => mixed.resolve(`wire/${gridId}`))).toMatchObject({ code: "model_not_found" })
    expect(mixed.resolve("wire/acme.list-v1:0").adapter).toBe(listening)
  })

  it("share their family's card, which is told once", () => {
    expect(createRegistry([eu, us]).cards).toHaveLength(1)
  })
})
