import { memoryLedger } from "@pictor/core"
import { describe, expect, it } from "vitest"
import { errorOf, imagesOf } from "./__fixtures__/reading.ts"
import { studio } from "./__fixtures__/studio.ts"

const base = { model: "acme.brush-v1:0", prompt: "A lighthouse" }

describe("fields of LiteLLM's proxy", () => {
  it.each([
    [{ cache: { "no-cache": true } }, []],
    [{ cache: {} }, []],
    [{ cache: { ttl: 60 } }, ["cache"]],
    [{ caching: false }, []],
    [{ caching: true }, ["caching"]],
    [{ "no-log": false }, []],
    [{ "no-log": true }, ["no-log"]],
    [{ guardrails: [] }, []],
    [{ fallbacks: ["other"] }, ["fallbacks"]],
    [{ disable_fallbacks: true }, []],
    [{ litellm_session_id: "s", litellm_trace_id: "t", litellm_call_id: "c" }, []],
    [{ request_timeout: 30 }, []],
    [{ metadata: { trace_metadata: { a: 1 } } }, ["metadata.trace_metadata"]],
  ])("are accepted, and reported when they have no effect: %j", async (extra, dropped) => {
    const { pictor } = await imagesOf(await studio().generate({ ...base, ...extra }))
    expect(pictor.changes.map(({ field, action }) => `${field} ${action}`)).toEqual(
      dropped.map((field) => `${field} dropped`),
    )
  })

  it("without effect are rejected under strict", async () => {
    const made = studio()
    const strict = { ...base, policy: "strict" }
    for (const extra of [{ caching: true }, { metadata: { a: {} } }, { fallbacks: ["other"] }])
      expect(await errorOf(await made.generate({ ...strict, ...extra }))).toMatchObject({
        code: "unsupported_parameter",
      })
    expect(made.calls).toEqual([])
  })

  it("guardrails are rejected, because the prompt would go unchecked", async () => {
    expect(await errorOf(await studio().generate({ ...base, guardrails: ["pii"] }))).toMatchObject({
      status: 400,
      param: "guardrails",
      message: expect.stringContaining("unchecked"),
    })
  })

  it("reach the host that takes them: retries and fallbacks", async () => {
    const told: unknown[] = []
    const context = {
      onRetries: (retries: number) => told.push(retries),
      onFallbacks: (models: readonly string[]) => told.push(models),
    }
    const made = studio({ context })
    const asked = [
      { max_retries: 2 },
      { fallbacks: ["one", { model: "two" }] },
      { disable_fallbacks: true },
    ]
    for (const extra of asked) await imagesOf(await made.generate({ ...base, ...extra }))
    expect(told).toEqual([2, ["one", "two"], []])
  })

  it("fallbacks to a model that the client may not use are rejected", async () => {
    const context = {
      mayUse: (name: string) => name !== "secret",
      onFallbacks: () => expect.unreachable(),
    }
    expect(
      await errorOf(await studio({ context }).generate({ ...base, fallbacks: ["one", "secret"] })),
    ).toMatchObject({ status: 403, code: "model_not_allowed" })
  })

  it.each([
    [{ max_retries: 2, num_retries: 3 }, "max_retries"],
    [{ request_timeout: 2, timeout: 3 }, "request_timeout"],
    [{ fallbacks: ["a"], disable_fallbacks: true }, "disable_fallbacks"],
    [{ fallbacks: "a" }, "fallbacks"],
    [{ litellm_session_id: "s".repeat(501) }, "litellm_session_id"],
  ])("are rejected when they conflict or are malformed: %j", async (extra, param) => {
    const context = { onRetries: () => expect.unreachable() }
    expect(await errorOf(await studio({ context }).generate({ ...base, ...extra }))).toMatchObject({
      status: 400,
      param,
    })
  })

  it("become tags: metadata in its three places, and the ids", async () => {
    const ledger = memoryLedger()
    const made = studio({ client: { ledger } })
    await imagesOf(
      await made.generate({
        ...base,
        metadata: { spend_logs_metadata: { project: "garden", seats: 3 }, stage: "draft" },
        litellm_session_id: "s-1",
      }),
    )
    await imagesOf(await made.generate({ ...base, litellm_metadata: { project: "yard" } }))
    const names = ["project", "seats", "stage", "litellm_session_id"] as const
    const rows = await ledger.spend({ by: names.map((name) => `tag:${name}` as const) })
    expect(rows.map(({ group }) => Object.values(group))).toEqual(
      expect.arrayContaining([["garden", "3", "draft", "s-1"], ["yard"]]),
    )
  })
})

describe("the texts of an account", () => {
  it.each([
    [{ user: "u".repeat(501) }, "user"],
    [{ safety_identifier: "u".repeat(501) }, "safety_identifier"],
    [{ pictor: { tags: { a: "x".repeat(501) } } }, "tags"],
    [
      { pictor: { tags: Object.fromEntries(Array.from({ length: 101 }, (_, at) => [at, ""])) } },
      "tags",
    ],
  ])("are limited, whichever way they come: %#", async (extra, param) => {
    const made = studio()
    expect(await errorOf(await made.generate({ ...base, ...extra }))).toMatchObject({
      status: 400,
      param,
    })
    expect(made.calls).toEqual([])
  })

  it("count the host's tags with those of the body, but not the host's own", async () => {
    const hundred = Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`h${at}`, ""]))
    const made = studio({ context: { tags: { ...hundred, "pictor.call_id": "c" } } })
    await imagesOf(await made.generate(base))
    expect(await errorOf(await made.generate({ ...base, tags: ["one"] }))).toMatchObject({
      param: "tags",
      message: expect.stringContaining("101 tags; at most 100"),
    })
  })
})
