import { describe, expect, it } from "vitest"
import { errorOf, scripted, stillRuntime, testClient } from "./__fixtures__/client.ts"
import { grid, gridCard, list, ratio } from "./__fixtures__/families.ts"
import { ledgerSpy } from "./__fixtures__/ledger-spy.ts"
import { createPictor } from "./client.ts"
import type { Pictor } from "./contract/client.ts"
import { memoryLedger } from "./ledger/memory-ledger.ts"
import { systemRuntime } from "./lib/system-runtime.ts"
import { fallback } from "./middleware/fallback.ts"

const request = { model: "acme.grid-v1:0", prompt: "a" }

describe("createPictor", () => {
  it("says how many images a request may have", () => {
    expect(testClient().pictor.maxImages).toBe(100)
    expect(createPictor({ adapters: [], maxImages: 7 }).maxImages).toBe(7)
  })

  it("lists its models by task and lifecycle", () => {
    const { pictor } = testClient()
    const ids = (filter?: Parameters<typeof pictor.models>[0]) =>
      pictor.models(filter).map(({ id }) => id)
    expect(ids()).toEqual([
      "acme.grid-v1:0",
      "acme.list-v1:0",
      "acme.ratio-v1:0",
      "acme.weighted-v1",
      "acme.plain-v1:0",
    ])
    expect(ids({ task: "erase" })).toEqual(["acme.grid-v1:0"])
    expect(ids({ lifecycle: "active" })).toEqual([
      "acme.ratio-v1:0",
      "acme.weighted-v1",
      "acme.plain-v1:0",
    ])
    expect(ids({ task: "text-to-image", lifecycle: "retired" })).toEqual(["acme.list-v1:0"])
  })

  it("describes a model by any of its names", () => {
    const { pictor } = testClient()
    const { card, lifecycle, parameters } = pictor.model("wire/acme.grid")
    expect([card, lifecycle]).toEqual([gridCard, "legacy"])
    expect(parameters).toEqual({
      "text-to-image": gridCard.tasks["text-to-image"].fields,
      erase: gridCard.tasks.erase.fields,
    })
    expect(() => pictor.model("acme.none")).toThrow("No adapter has the model")
  })

  it("describes a model's parameters as JSON Schema", () => {
    const { pictor } = testClient()
    expect(pictor.model("acme.grid-v1:0").schema()).toMatchObject({
      type: "object",
      required: ["prompt"],
    })
    expect(
      Object.keys(pictor.model("acme.grid-v1:0").schema("erase")["properties"] as object),
    ).toEqual(["n"])
    expect(() => pictor.model("acme.grid-v1:0").schema("upscale")).toThrow(
      "it has text-to-image, erase",
    )
  })

  it("takes the date from its runtime", () => {
    const onDay = (date: string) =>
      createPictor({
        adapters: [grid(scripted().transport)],
        runtime: { ...stillRuntime(), now: () => Date.parse(date) },
      }).model("acme.grid").lifecycle
    expect(onDay("2027-03-29")).toBe("legacy")
    expect(onDay("2027-03-30")).toBe("retired")
  })

  it("completes a partial runtime with the system's", async () => {
    const { now } = systemRuntime
    const pictor = createPictor({
      adapters: [grid(scripted().transport)],
      runtime: { random: () => 0 },
    })
    const result = await pictor.generate({ model: "acme.grid", prompt: "a" })
    expect(result.images[0]?.seed).toBe(0)
    expect(result.timing.totalMs).toBeLessThan(now())
  })

  it("closes each transport once, and the ledger", async () => {
    const closed: string[] = []
    const closing = (name: string) =>
      scripted(undefined, { close: async () => void closed.push(name) }).transport
    const shared = closing("shared")
    const { ledger, entries } = ledgerSpy()
    const adapters = [
      grid(shared),
      list(shared),
      ratio(closing("own")),
      grid(scripted().transport, { name: "no-close" }),
    ]
    await createPictor({ adapters, ledger }).close()
    expect(closed).toEqual(["shared", "own"])
    expect(entries).toEqual(["close"])
  })

  it("closes the rest if one fails to close, and throws its error", async () => {
    const stuck = new Error("stuck")
    const { ledger, entries } = ledgerSpy()
    const { transport } = scripted(undefined, { close: () => Promise.reject(stuck) })
    expect(await errorOf(createPictor({ adapters: [grid(transport)], ledger }).close())).toBe(stuck)
    expect(entries).toEqual(["close"])
  })

  it.each<readonly [string, (pictor: Pictor) => unknown, string]>([
    ["createPictor", () => testClient(undefined, { maxImage: 1 } as object), "maxImages"],
    [
      "createPictor({ retry })",
      () => testClient(undefined, { retry: { attempt: 2 } as object }),
      "attempts",
    ],
    ["generate", (pictor) => pictor.generate(request, { timeoutMS: 1 } as object), "timeoutMs"],
    [
      "run",
      async (pictor) => pictor.run(await pictor.plan(request), { singal: 1 } as object),
      "signal",
    ],
    [
      "replay",
      async (pictor) =>
        pictor.replay((await pictor.generate(request)).image.recipe, { input: {} } as object),
      "inputs",
    ],
    [
      "planReplay",
      async (pictor) =>
        pictor.planReplay((await pictor.generate(request)).image.recipe, { input: {} } as object),
      "inputs",
    ],
    ["models", (pictor) => pictor.models({ lifecylce: "active" } as object), "lifecycle"],
    ["memoryLedger", () => memoryLedger({ maxRow: 1 } as object), "maxRows"],
    ["fallback", () => fallback([request.model], { filter: true } as object), "filtered"],
  ])("rejects an unknown option of %s and suggests the nearest", async (owner, use, nearest) => {
    const { pictor } = testClient()
    const error = await errorOf(Promise.resolve().then(() => use(pictor)))
    expect(error).toMatchObject({ code: "invalid_request" })
    expect(error.message).toContain(`${owner} has no option "`)
    expect(error.message).toContain(`Did you mean "${nearest}"?`)
  })

  it("rejects options that are not an object", async () => {
    const { pictor } = testClient()
    expect(await errorOf(pictor.generate(request, null as unknown as object))).toMatchObject({
      code: "invalid_request",
      message: "The options of generate must be an object.",
    })
  })

  it("accepts no adapters", async () => {
    const pictor = createPictor({ adapters: [] })
    expect(pictor.models()).toEqual([])
    expect(await errorOf(pictor.plan({ model: "any", prompt: "a" }))).toMatchObject({
      code: "model_not_found",
    })
    await pictor.close()
  })
})
