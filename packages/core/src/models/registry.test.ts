import { describe, expect, it } from "vitest"
import { scripted } from "../__fixtures__/client.ts"
import { grid, gridCard, list, plain, ratio, weighted } from "../__fixtures__/families.ts"
import type { ImageAdapter } from "../contract/adapter.ts"
import type { Lifecycle, ModelCard } from "../contract/card.ts"
import { createRegistry, lifecycleOn, lifecycleWarning } from "./registry.ts"

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

describe("resolve", () => {
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
  ])("accepts %s", (_, model, expected) => {
    const { adapter, card, ...target } = registry.resolve(model)
    expect([adapter.name, card.id]).toEqual(["grid", gridId])
    expect(target).toEqual({ ...expected, warnings: [], changes: [] })
  })

  it("carries the warning of an alias", () => {
    expect(registry.resolve("acme.acme.grid-v1:0")).toMatchObject({
      modelId: gridId,
      warnings: ["acme.acme.grid-v1:0 doubles its prefix."],
    })
  })

  it("calls the first profile and reports it", () => {
    expect(registry.resolve("acme.ratio-v1:0")).toMatchObject({
      modelId: "us.acme.ratio-v1:0",
      changes: [
        { field: "model", action: "mapped", from: "acme.ratio-v1:0", to: "us.acme.ratio-v1:0" },
      ],
      warnings: [],
    })
  })

  it.each(["us.acme.ratio-v1:0", "eu.acme.ratio-v1:0", "wire/eu.acme.ratio-v1:0"])(
    "calls the named profile %s",
    (model) => {
      expect(registry.resolve(model)).toMatchObject({
        modelId: model.replace("wire/", ""),
        changes: [],
        warnings: [],
      })
    },
  )

  it("calls an unlisted geo prefix with a warning", () => {
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
  ])("does not guess %s", (model) => {
    expect(thrown(() => registry.resolve(model))).toMatchObject({
      code: "model_not_found",
      message: expect.stringContaining("nearest names are"),
    })
  })

  it("names the nearest models when one is unknown", () => {
    expect(thrown(() => registry.resolve("acme.grd-v1:0")).message).toContain(
      "nearest names are acme.grid-v1:0",
    )
    expect(thrown(() => createRegistry([]).resolve("any")).message).toContain(
      "No adapter with models is installed",
    )
    expect(thrown(() => registry.resolve("x".repeat(100_000))).message.length).toBeLessThan(300)
  })

  it.each([undefined, null, "", 5, {}])("rejects %j as missing", (model) => {
    expect(thrown(() => registry.resolve(model))).toMatchObject({
      code: "invalid_request",
      issues: [{ path: "model" }],
    })
  })
})

describe("resolve with a modelId", () => {
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
  ])("calls %s in place of the model", (_, modelId, expected) => {
    const { adapter: _adapter, card, ...target } = registry.resolve(gridId, modelId)
    expect(card.id).toBe(gridId)
    expect(target).toEqual({ modelId, warnings: [], changes: [], ...expected })
  })

  it("takes the region of the model when the modelId has none", () => {
    expect(registry.resolve(`wire/south-1/${gridId}`, "custom-name")).toMatchObject({
      modelId: "custom-name",
      region: "south-1",
    })
    expect(registry.resolve(`wire/north-1/${gridId}`, arn("provisioned", "x"))).toMatchObject({
      region: "south-1",
    })
  })

  it("is the remedy for an id that names no model", () => {
    expect(thrown(() => registry.resolve(arn("provisioned", "abc")))).toMatchObject({
      code: "model_not_found",
      message: expect.stringContaining("give the id as `modelId`"),
    })
  })
})

describe("createRegistry with several adapters", () => {
  const eu = grid(transport, { name: "eu" })
  const us = grid(transport, { name: "us" })

  it("rejects one model of two adapters unless they are named", () => {
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

  it.each(["", "a/b", "/"])("rejects the name %j", (name) => {
    expect(thrown(() => createRegistry([grid(transport, { name })]))).toMatchObject({
      code: "invalid_request",
    })
  })

  it("allows one name for different models", () => {
    const both = createRegistry([eu, list(transport, { name: "eu" })])
    expect(both.resolve("eu/acme.list-v1:0").adapter.name).toBe("list")
    expect(both.resolve("acme.list-v1:0").adapter.name).toBe("list")
  })

  it("addresses adapters by name in any order", () => {
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

  it("rejects a bare id of named adapters and says how to address them", () => {
    const named = createRegistry([eu, us, list(transport, { name: "other" })])
    expect(named.resolve(`us/acme.grid`).adapter).toBe(us)
    for (const model of [gridId, `wire/${gridId}`]) {
      const { message } = thrown(() => named.resolve(model))
      expect(message).toContain(`eu/${model}, us/${model}.`)
      expect(message).not.toContain("other/")
    }
    expect(createRegistry([eu]).resolve(gridId).adapter).toBe(eu)
  })

  it("lets a transport parse names of its own models only", () => {
    const deaf = grid({ ...transport, parse: () => undefined })
    const listening = list(transport)
    const mixed = createRegistry([deaf, listening])
    expect(thrown(() => mixed.resolve(`wire/${gridId}`))).toMatchObject({ code: "model_not_found" })
    expect(mixed.resolve("wire/acme.list-v1:0").adapter).toBe(listening)
  })

  it("lists a shared card once", () => {
    expect(createRegistry([eu, us]).cards).toHaveLength(1)
  })
})

const card = (lifecycle: Lifecycle): ModelCard => ({ ...gridCard, id: "m", lifecycle })

describe("lifecycle", () => {
  it.each<readonly [Lifecycle, string, string]>([
    [{ status: "active" }, "2030-01-01", "active"],
    [{ status: "preview" }, "2030-01-01", "preview"],
    [{ status: "preview", legacyFrom: "2026-11-20" }, "2026-11-20", "legacy"],
    [{ status: "preview", retiredFrom: "2026-11-20" }, "2026-11-20", "retired"],
    [{ status: "active", legacyFrom: "2026-11-20" }, "2026-11-19", "active"],
    [{ status: "active", legacyFrom: "2026-11-20" }, "2026-11-20", "legacy"],
    [
      { status: "active", legacyFrom: "2026-01-01", retiredFrom: "2026-11-20" },
      "2026-11-20",
      "retired",
    ],
    [{ status: "legacy", legacyFrom: "2027-01-01" }, "2026-11-20", "legacy"],
    [{ status: "retired", retiredFrom: "2027-01-01" }, "2026-11-20", "retired"],
    [{ status: "legacy", retiredFrom: "2026-11-20" }, "2026-11-20", "retired"],
  ])("lifecycleOn %j on %s is %s", (lifecycle, date, status) => {
    expect(lifecycleOn(card(lifecycle), date)).toBe(status)
  })

  it.each<readonly [Lifecycle, string | undefined]>([
    [{ status: "active" }, undefined],
    [
      { status: "preview" },
      "m is a preview: the provider may change or end it, or limit who may call it.",
    ],
    [{ status: "preview", retiredFrom: "2026-11-21" }, "m ends on 2026-11-21, in 1 day."],
    [{ status: "legacy" }, "m is legacy and may end 45 days after the provider's notice."],
    [
      { status: "legacy", legacyFrom: "2026-01-01", retiredFrom: "2027-01-01", successor: "n" },
      "m is legacy since 2026-01-01 and ends on 2027-01-01, in 42 days. Its successor is n.",
    ],
    [
      { status: "retired", legacyFrom: "2026-01-01", retiredFrom: "2026-06-01" },
      "m is retired since 2026-06-01.",
    ],
  ])("lifecycleWarning describes %j", (lifecycle, warning) => {
    expect(lifecycleWarning(card(lifecycle), "2026-11-20", "warn")).toBe(warning)
  })

  it("lifecycleWarning throws for a retired model under refuse", () => {
    const warn = (lifecycle: Lifecycle) => () =>
      lifecycleWarning(card(lifecycle), "2026-11-20", "refuse")
    expect(warn({ status: "retired" })).toThrow("m is retired.")
    expect(warn({ status: "legacy" })).not.toThrow()
  })
})
