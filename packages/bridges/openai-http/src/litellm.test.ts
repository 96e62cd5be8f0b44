import { type Middleware, memoryLedger } from "@pictor/core"
import { describe, expect, it } from "vitest"
import { errorOf, imagesOf } from "./__fixtures__/reading.ts"
import { file, form, type healthy, studio } from "./__fixtures__/studio.ts"

const base = { model: "acme.brush-v1:0", prompt: "A lighthouse" }

/** The tags of a request in the ledger. */
const bookedWith = async (
  extra: object,
  context = {},
): Promise<Readonly<Record<string, string>>> => {
  const ledger = memoryLedger()
  const names = ["print", "project", "stage", "trace", "draft", "key"]
  await imagesOf(await studio({ client: { ledger }, context }).generate({ ...base, ...extra }))
  const rows = await ledger.spend({ by: names.map((name) => `tag:${name}` as const) })
  return Object.fromEntries(
    Object.entries(rows[0]?.group ?? {}).map(([name, value]) => [name.slice("tag:".length), value]),
  )
}

describe("LiteLLM's tags and metadata", () => {
  it.each([
    [{ tags: ["print", "project=garden"] }, { print: "", project: "garden" }],
    [
      { metadata: { project: "garden", stage: 2, draft: true } },
      { project: "garden", stage: "2", draft: "true" },
    ],
    [
      { metadata: { tags: ["print", "stage=a=b"], trace: "t-1" } },
      { print: "", stage: "a=b", trace: "t-1" },
    ],
    [
      { tags: ["project=garden"], metadata: { project: "garden", trace: null } },
      { project: "garden" },
    ],
    [{ pictor: { tags: { project: "garden" } } }, { project: "garden" }],
    [{ tags: [], metadata: {} }, {}],
  ])("become the tags of the ledger: %j", async (extra, expected) => {
    expect(await bookedWith(extra)).toEqual(expected)
  })

  it("yield to the host's tags", async () => {
    expect(
      await bookedWith(
        { tags: ["project=mine", "print"] },
        { tags: { project: "theirs", key: "one" } },
      ),
    ).toEqual({
      project: "theirs",
      print: "",
      key: "one",
    })
  })

  it("become the tags of the ledger from a form", async () => {
    const ledger = memoryLedger()
    const fields = form({
      ...base,
      image: file(),
      "tags[]": ["print"],
      "metadata[project]": "garden",
      timeout: "30",
      drop_params: "true",
    })
    await imagesOf(
      await studio({ client: { ledger } }).send("/v1/images/edits", {
        method: "POST",
        body: fields,
      }),
    )
    expect(await ledger.spend({ by: ["tag:print", "tag:project"] })).toMatchObject([
      { group: { "tag:print": "", "tag:project": "garden" } },
    ])
  })

  it.each([
    [{ tags: "print" }, "tags", "a list of strings"],
    [{ tags: [1] }, "tags", "a list of strings"],
    [{ tags: [""] }, "tags", "1 to 500"],
    [{ tags: ["x".repeat(501)] }, "tags", "1 to 500"],
    [{ tags: Array.from({ length: 101 }, (_, index) => `${index}`) }, "tags", "more than 100"],
    [{ tags: ["a=1", "a=2"] }, "tags", "two values"],
    [{ metadata: "print" }, "metadata", "an object of strings"],
    [{ metadata: { spend_logs_metadata: "x" } }, "metadata.spend_logs_metadata", "an object"],
    [{ litellm_metadata: { a: "1" }, metadata: { b: "2" } }, "litellm_metadata", "only one"],
    [{ metadata: { tags: [1] } }, "metadata.tags", "a list of strings"],
    [
      { metadata: Object.fromEntries(Array.from({ length: 101 }, (_, index) => [index, "x"])) },
      "metadata",
      "more than 100",
    ],
    [{ tags: ["a=1"], metadata: { a: "2" } }, "tags", "two values"],
    [{ tags: ["a=1"], pictor: { tags: { a: "1" } } }, "pictor.tags", "Send only one of them"],
  ])("are rejected when they are no tags: %#", async (extra, param, words) => {
    const made = studio()
    const error = await errorOf(await made.generate({ ...base, ...extra }))
    expect(error).toMatchObject({
      status: 400,
      code: "invalid_value",
      param,
      message: expect.stringContaining(words),
    })
    expect(made.calls).toEqual([])
  })
})

describe("drop_params", () => {
  it("true adapts unsupported values and reports them", async () => {
    const { pictor } = await imagesOf(
      await studio().generate({ ...base, size: "1000x1000", drop_params: true }),
    )
    expect(pictor.changes).toMatchObject([{ field: "size", action: "snapped" }])
  })

  it.each([{ size: "1000x1000" }, { moderation: "low" }])(
    "false rejects unsupported values: %j",
    async (extra) => {
      const made = studio()
      const error = await errorOf(await made.generate({ ...base, ...extra, drop_params: false }))
      expect(error).toMatchObject({
        status: 400,
        code: "unsupported_parameter",
        param: Object.keys(extra)[0],
      })
      expect(made.calls).toEqual([])
    },
  )

  it.each([
    [{ drop_params: true, policy: "strict" }, "drop_params"],
    [{ drop_params: false, policy: "adapt" }, "drop_params"],
    [{ drop_params: false, pictor: { policy: "adapt" } }, "pictor.policy"],
    [{ drop_params: "yes" }, "drop_params"],
  ])("is rejected when it conflicts with policy: %j", async (extra, param) => {
    expect(await errorOf(await studio().generate({ ...base, ...extra }))).toMatchObject({
      status: 400,
      param,
    })
  })
})

describe("timeout", () => {
  /** The time limit of a request in milliseconds. */
  const givenTo = async (extra: object, timeoutMs?: number): Promise<number | undefined> => {
    let given: number | undefined
    const { pictor } = studio()
    const generate: typeof pictor.generate = (request, running) => {
      given = running?.timeoutMs
      return pictor.generate(request)
    }
    const context = timeoutMs === undefined ? {} : { timeoutMs }
    await imagesOf(
      await studio({ bridge: { pictor: { ...pictor, generate } }, context }).generate({
        ...base,
        ...extra,
      }),
    )
    return given
  }

  it.each([
    [{}, undefined, undefined],
    [{}, 5000, 5000],
    [{ timeout: 2.5 }, undefined, 2500],
    [{ timeout: 2.5 }, 5000, 2500],
    [{ timeout: 600 }, 5000, 5000],
    [{ timeout: 1e-9 }, 5000, 1],
  ])(
    "is in seconds, up to the host's limit: %j of %s ms is %s",
    async (extra, timeoutMs, expected) => {
      expect(await givenTo(extra, timeoutMs)).toBe(expected)
    },
  )

  it("ends a request that takes longer", async () => {
    const never = () => new Promise<ReturnType<typeof healthy>>(() => undefined)
    const error = await errorOf(
      await studio({ provider: never, client: { retry: false } }).generate({
        ...base,
        timeout: 0.01,
      }),
    )
    expect(error).toMatchObject({ status: 504, code: "timeout" })
  })

  it.each([0, -1, "30", 1e9])("is rejected as %j", async (timeout) => {
    expect(await errorOf(await studio().generate({ ...base, timeout }))).toMatchObject({
      status: 400,
      param: "timeout",
      code: "invalid_value",
    })
  })
})

describe("num_retries", () => {
  it.each([0, 3])("%i is passed to the host before generation", async (retries) => {
    const told: unknown[] = []
    const made = studio({ context: { onRetries: (asked) => told.push(asked, made.calls.length) } })
    await imagesOf(await made.generate({ ...base, num_retries: retries }))
    expect(told).toEqual([retries, 0])
  })

  it("keeps its name in the changes when the host clamps it", async () => {
    const change = {
      field: "num_retries",
      action: "clamped",
      from: 9,
      to: 3,
      why: "it is the most",
    } as const
    const fewer: Middleware = { name: "fewer", request: (request, next) => next(request, [change]) }
    const made = studio({
      client: { middleware: [fewer] },
      context: { onRetries: () => undefined },
    })
    expect(
      (await imagesOf(await made.generate({ ...base, num_retries: 9 }))).pictor.changes,
    ).toMatchObject([change])
  })

  it.each([-1, 1.5, "2", 1000])("is rejected as %j", async (retries) => {
    const error = await errorOf(
      await studio({ context: { onRetries: () => expect.unreachable() } }).generate({
        ...base,
        num_retries: retries,
      }),
    )
    expect(error).toMatchObject({ status: 400, param: "num_retries", code: "invalid_value" })
  })

  it("is rejected when the host does not accept it", async () => {
    const error = await errorOf(await studio().generate({ ...base, num_retries: 2 }))
    expect(error).toMatchObject({
      status: 400,
      param: "num_retries",
      code: "unsupported_parameter",
    })
  })
})

describe("a flattened field of the model's body", () => {
  const sentFor = async (extra: object): Promise<unknown> => {
    const made = studio()
    await imagesOf(await made.generate({ ...base, seed: 1, ...extra }))
    return made.sent()
  }

  it.each([
    [
      { cfgScale: 7, count: 2, width: 128, height: 64 },
      { config: { cfgScale: 7, count: 2, width: 128, height: 64 } },
    ],
    [{ negativeText: "fog" }, { textParams: { text: "A lighthouse", negativeText: "fog" } }],
    [
      { negativeText: "fog", textParams: { text: "A lighthouse" } },
      { textParams: { text: "A lighthouse", negativeText: "fog" } },
    ],
    [{ text: "A lighthouse" }, { textParams: { text: "A lighthouse" } }],
    [{ colors: ["#ffffff"] }, { taskType: "COLOR", colorParams: { colors: ["#ffffff"] } }],
  ])("moves to its nested path: %j", async (extra, body) => {
    expect(await sentFor(extra)).toMatchObject(body)
  })

  it.each([
    [{ cfgScale: 7, config: { cfgScale: 8 } }, "cfgScale"],
    [{ text: "A garden" }, "text"],
    [{ negativeText: "fog", textParams: "none" }, "negativeText"],
    [{ similar: 1 }, "similar"],
    [{ cfgScale: 99, config: { count: 1 } }, "config.cfgScale"],
  ])("is rejected when it conflicts with another field: %j", async (extra, param) => {
    expect(await errorOf(await studio().generate({ ...base, ...extra }))).toMatchObject({
      status: 400,
      param,
    })
  })
})
