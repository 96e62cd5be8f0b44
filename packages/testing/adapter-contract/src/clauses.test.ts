import { ImageError, type JsonObject } from "@pictor/core"
import { describe, expect, test } from "vitest"
import { apis, apisContract } from "./__fixtures__/apis.ts"
import { brokenBodies } from "./__fixtures__/broken-bodies.ts"
import { brokenCards } from "./__fixtures__/broken-cards.ts"
import { brokenInputs } from "./__fixtures__/broken-inputs.ts"
import { brokenReplies } from "./__fixtures__/broken-replies.ts"
import { brokenTransports } from "./__fixtures__/broken-transports.ts"
import { editing, editingContract } from "./__fixtures__/editor.ts"
import { contract, countingMini, mini, provider } from "./__fixtures__/mini.ts"
import { clauses } from "./clauses.ts"
import type { AdapterContract, Context } from "./contract.ts"
import { cached } from "./provider.ts"

/** The clauses that fail, each with its message. */
const failuresOf = async (given: AdapterContract): Promise<Readonly<Record<string, string>>> => {
  const context: Context = { contract: given, expect, deliver: cached(given.provider) }
  const failures: Record<string, string> = {}
  for (const { id, run } of clauses)
    try {
      await run(context)
    } catch (error) {
      failures[id] = error instanceof Error ? error.message : String(error)
    }
  return failures
}

const without = (body: JsonObject, name: string): JsonObject =>
  Object.fromEntries(Object.entries(body).filter(([key]) => key !== name))

describe("a correct adapter breaks no clause", () => {
  test.each([
    { name: "with images that are short texts", length: 100 },
    { name: "with images that lift makes views", length: 3000 },
  ])("$name", async ({ length }) => {
    expect(await failuresOf({ ...contract, provider: provider(length) })).toEqual({})
  })

  test("with prices by usage", async () => {
    expect(await failuresOf({ ...contract, create: mini(countingMini(2)) })).toEqual({})
  })

  test("with edits", async () => {
    expect(await failuresOf(editingContract)).toEqual({})
  })

  test("with bodies of HTTP APIs", async () => {
    expect(await failuresOf(apisContract)).toEqual({})
  })

  test("with a provider that answers later, with a whole reply", async () => {
    const answer: AdapterContract["provider"] = async (call) => ({
      status: 200,
      headers: {},
      body: [provider(100)(call)],
    })
    expect(await failuresOf({ ...contract, provider: answer })).toEqual({})
  })
})

describe("a broken adapter breaks exactly its clause", () => {
  const broken = [...brokenCards, ...brokenBodies, ...brokenReplies, ...brokenTransports]

  test.each(broken)("$clause: $mistake", async ({ clause, parts }) => {
    const failures = await failuresOf({
      ...contract,
      create: (transport) => mini(parts())(transport),
    })
    expect(failures).toEqual({ [clause]: expect.any(String) as string })
  })

  test.each(brokenInputs)("$clause: $mistake", async ({ clause, parts }) => {
    const failures = await failuresOf({
      ...editingContract,
      create: (transport) => editing(parts())(transport),
    })
    expect(failures).toEqual({ [clause]: expect.any(String) as string })
  })

  test.each<[clause: string, mistake: string, change: (body: JsonObject) => JsonObject]>([
    ["body-places", "leaves out the compression", (body) => without(body, "compression")],
    ["body-planned", "lets the model choose the quality", (body) => ({ ...body, quality: "auto" })],
    [
      "input-places",
      "sends the pictures of a form as texts",
      (body) => ("image[]" in body ? { ...body, "image[]": ["aGVsbG8="] } : body),
    ],
    [
      "input-places",
      "sends a picture of a data URL without its type",
      (body) => ("person" in body ? { ...body, person: String(body["person"]).slice(22) } : body),
    ],
    [
      "mask-polarity",
      "sends a mask of a form as text",
      (body) => ("mask" in body ? { ...body, mask: "aGVsbG8=" } : body),
    ],
  ])("%s: %s", async (clause, _, change) => {
    const failures = await failuresOf({ ...apisContract, create: apis(change) })
    expect(Object.keys(failures)).toContain(clause)
  })

  test("covers every clause that an adapter can break", () => {
    const shown: ReadonlySet<string> = new Set(
      [...broken, ...brokenInputs].map(({ clause }) => clause),
    )
    expect(clauses.map(({ id }) => id).filter((id) => !shown.has(id))).toEqual([
      "input-missing",
      "input-foreign",
      "input-limits",
      "range-beyond",
      "change-reported",
      "cost-undelivered",
      "abort-before",
    ])
  })
})

describe("a contract without an example names it", () => {
  test("for replies", async () => {
    const { outcomes: _outcomes, ...bare } = contract
    expect(await failuresOf(bare)).toEqual({
      "filtered-all": expect.stringContaining("Give outcomes.filtered") as string,
      "filtered-partial": expect.stringContaining("Give outcomes.partial") as string,
    })
  })

  test("for a task", async () => {
    const failures = await failuresOf({
      ...contract,
      requests: { "text-to-image": { model: "mini-one", prompt: "a lighthouse" } },
    })
    expect(Object.keys(failures)).toEqual(["card-tasks"])
    expect(failures["card-tasks"]).toContain("tasks without an example: give one in `requests`")
  })
})

test("a provider that gives an error fails every clause that needs an image, with its message", async () => {
  const failures = await failuresOf({
    ...contract,
    provider: () => new ImageError({ code: "forbidden", message: "No access here." }),
  })
  expect(failures["image-bytes"]).toContain("No access here.")
  expect(Object.keys(failures)).not.toContain("body-planned")
})
