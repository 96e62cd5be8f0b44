import { afterAll, beforeAll, describe, expect, it, vi } from "vitest"
import { usePlaces } from "./__fixtures__/places.ts"
import { openWorld, spend, startMs, type World } from "./__fixtures__/world.ts"

const places = usePlaces()

const dayMs = 86_400_000

for (const [name, place] of places.all)
  describe(`spend routes on ${name}`, () => {
    it("lists calls by request, key, user and day", async () => {
      let nowMs = startMs
      const { send, ledger, close } = await openWorld(await place(), { now: () => nowMs })
      const { key, token } = (await send("/key/generate", {})).body
      const first = await spend(
        ledger,
        40_000,
        { key: token, user: "ann", team: "red", endUser: "kim" },
        {
          project: "garden",
          print: "",
          "pictor.call_id": "req-1",
          "pictor.model_group": "painter",
          "pictor.model_id": "painter-1",
          "pictor.key_alias": "garden key",
        },
      )
      nowMs += dayMs
      const second = await spend(ledger, 10, { key: token, user: "bob" }, {}, "model-b")
      const third = await spend(ledger, 7, { key: "key_other" })
      const ids = async (query: string, bearer?: string) =>
        (
          (await send(`/spend/logs?${query}`, undefined, bearer)).body as readonly {
            readonly request_id: string
          }[]
        ).map((row) => row.request_id)
      expect((await send(`/spend/logs?request_id=${first}`)).body).toEqual([
        {
          request_id: first,
          call_type: "aimage_generation",
          api_key: token,
          spend: 0.04,
          startTime: "2026-11-20T12:00:10.000Z",
          endTime: "2026-11-20T12:00:10.000Z",
          request_duration_ms: 0,
          model: "model-a",
          model_group: "painter",
          model_id: "painter-1",
          custom_llm_provider: "bedrock",
          api_base: "",
          user: "ann",
          end_user: "kim",
          team_id: "red",
          request_tags: ["project=garden", "print"],
          metadata: {
            user_api_key: token,
            user_api_key_alias: "garden key",
            user_api_key_user_id: "ann",
            user_api_key_team_id: "red",
            user_api_key_end_user_id: "kim",
          },
          status: "success",
          cache_hit: "False",
          session_id: "req-1",
          total_tokens: 0,
          prompt_tokens: 0,
          completion_tokens: 0,
          provider: null,
          usage: null,
          task: "text-to-image",
          state: "settled",
          size: null,
          quality: null,
          seed: null,
          images_ordered: 1,
          images: 1,
          maybe_spend: 0,
          unknown_images: 0,
          estimated_spend: 0.04,
          price_source: null,
          call_id: "req-1",
          provider_request_id: null,
        },
      ])
      expect(await ids("")).toEqual([first, second, third])
      expect(await ids(`api_key=${token}`)).toEqual([first, second])
      expect(await ids(`api_key=${key}&user_id=bob`)).toEqual([second])
      expect(await ids("api_key=sk-nobody-has-this-one")).toEqual([])
      expect(await ids("start_date=2026-11-21")).toEqual([second, third])
      expect(await ids("start_date=2026-11-20&end_date=2026-11-20&summarize=false")).toEqual([
        first,
      ])
      expect(await ids("", key)).toEqual([first, second])
      expect(await ids(`request_id=${third}`, key)).toEqual([])
      expect([
        await ids("request_id=req-1"),
        await ids("request_id=req-1", key),
        await ids("request_id=req-2"),
      ]).toEqual([[first], [first], []])
      expect(await send("/spend/logs?api_key=key_other", undefined, key)).toMatchObject({
        status: 403,
      })
      expect(
        (await send("/spend/logs?start_date=2026-11-20&end_date=2026-11-21", undefined, key)).body,
      ).toEqual([
        {
          startTime: "2026-11-20",
          spend: 0.04,
          users: { ann: 0.04 },
          models: { "model-a": 0.04 },
          providers: { "": 0.04 },
          api_keys: { [token]: 0.04 },
        },
        {
          startTime: "2026-11-21",
          spend: 0.00001,
          users: { bob: 0.00001 },
          models: { "model-b": 0.00001 },
          providers: { "": 0.00001 },
          api_keys: { [token]: 0.00001 },
        },
      ])
      await close()
    })

    it("reports sums by key, user, team, tag, model and day as JSON and CSV", async () => {
      const { send, ledger, close } = await openWorld(await place())
      await spend(
        ledger,
        100,
        { key: "k1", team: "red", endUser: "kim" },
        { project: "garden", print: "", "pictor.model_group": "painter" },
      )
      await spend(ledger, 20, { key: "k2", team: "red" }, { project: "=1+1" })
      await spend(ledger, 3, { key: "k1", user: "ann" })
      const rows = async (query: string) => (await send(`/spend/report?${query}`)).body as unknown
      const sums = { maybe_spend: 0, unknown_images: 0, maybe_micro_usd: 0 }
      expect(await rows("group_by=team")).toEqual([
        { team_id: "red", calls: 2, images: 2, spend: 0.00012, micro_usd: 120, ...sums },
        { team_id: null, calls: 1, images: 1, spend: 0.000003, micro_usd: 3, ...sums },
      ])
      expect(await rows("group_by=api_key,day")).toMatchObject([
        { api_key: "k1", day: "2026-11-20", micro_usd: 103 },
        { api_key: "k2", day: "2026-11-20", micro_usd: 20 },
      ])
      expect(await rows("group_by=tag")).toMatchObject([
        { tag: "print", micro_usd: 100 },
        { tag: "project==1+1", micro_usd: 20 },
        { tag: "project=garden", micro_usd: 100 },
      ])
      expect(await rows("group_by=tag:project&end_date=2026-11-20")).toMatchObject([
        { "tag:project": "=1+1", micro_usd: 20 },
        { "tag:project": "garden", micro_usd: 100 },
        { "tag:project": null, micro_usd: 3 },
      ])
      expect(await rows("group_by=model_group")).toMatchObject([
        { model_group: "painter", micro_usd: 100 },
        { model_group: null, micro_usd: 23 },
      ])
      expect(await rows("group_by=customer")).toMatchObject([
        { end_user: "kim", micro_usd: 100 },
        { end_user: null, micro_usd: 23 },
      ])
      expect(await rows("start_date=2026-11-21")).toEqual([])
      expect((await send("/global/spend/report")).body).toMatchObject([
        { day: "2026-11-20", calls: 3, micro_usd: 123 },
      ])
      const csv = await send("/spend/report?group_by=tag:project", undefined, undefined, {
        accept: "text/csv",
      })
      expect(csv.headers.get("content-type")).toContain("text/csv")
      expect(csv.text.split("\n").slice(0, 3)).toEqual([
        "tag:project,calls,images,spend,maybe_spend,unknown_images,micro_usd,maybe_micro_usd",
        "'=1+1,1,1,0.00002,0,0,20,0",
        "garden,1,1,0.0001,0,0,100,0",
      ])
      await close()
    })
  })

describe("calls without a verdict", () => {
  const hold = async (ledger: World["ledger"]) => {
    const cost = { microUsd: 0, maybeMicroUsd: 40_000, unpricedImages: 0 }
    const { ids } = await ledger.reserve({
      rows: [{ model: "model-a", task: "text-to-image", images: 1, cost }],
      account: { key: "k1", user: "ann", endUser: "kim" },
    })
    await ledger.hold(String(ids[0]), { cost, delivered: 0, requestId: "r-1" })
    return String(ids[0])
  }

  it("are listed and resolved by administrators", async () => {
    const { send, ledger, close } = await openWorld(`file:${places.folder()}/unresolved.db`)
    const [first, second] = [await hold(ledger), await hold(ledger)]
    const row = {
      startTime: "2026-11-20T12:00:10.000Z",
      state: "held",
      model: "model-a",
      task: "text-to-image",
      api_key: "k1",
      user: "ann",
      end_user: "kim",
      team_id: null,
      images: 1,
      spend: 0,
      maybe_spend: 0.04,
      unknown_images: 0,
      provider_request_id: "r-1",
      provider: null,
      job: null,
    }
    await ledger.submitted(first, {
      id: "job-1",
      url: "https://jobs.example/job-1?signature=secret",
      adapter: "painter-1",
      modelId: "model-a",
    })
    const job = { id: "job-1", deployment: "painter-1", model_id: "model-a", lost: false }
    expect((await send("/spend/unresolved")).body).toEqual({
      calls: [
        { request_id: first, ...row, job },
        { request_id: second, ...row },
      ],
      next: second,
    })
    expect((await send(`/spend/unresolved?after=${first}`)).body.calls).toHaveLength(1)
    expect(await send("/spend/resolve", { id: first, verdict: "spent" })).toMatchObject({
      status: 200,
      body: { id: first, verdict: "spent" },
    })
    expect(await send("/spend/resolve", { id: second, verdict: "unspent" })).toMatchObject({
      status: 200,
    })
    expect((await send("/spend/unresolved")).body).toEqual({ calls: [], next: null })
    expect(await ledger.spend()).toMatchObject([{ microUsd: 40_000, maybeMicroUsd: 0 }])
    await close()
  })

  it("are for the master key only", async () => {
    const { send, ledger, close } = await openWorld(`file:${places.folder()}/own.db`)
    const id = await hold(ledger)
    const { key } = (await send("/key/generate", {})).body
    expect(await send("/spend/unresolved", undefined, key)).toMatchObject({ status: 403 })
    expect(await send("/spend/resolve", { id, verdict: "spent" }, key)).toMatchObject({
      status: 403,
    })
    expect((await send("/spend/unresolved")).body.calls).toHaveLength(1)
    await close()
  })

  it("get no other verdict, and no verdict under an unknown id", async () => {
    const { send, ledger, close } = await openWorld(`file:${places.folder()}/verdicts.db`)
    const id = await hold(ledger)
    expect(await send("/spend/resolve", { id, verdict: "maybe" })).toMatchObject({
      status: 400,
      body: { error: { param: "verdict" } },
    })
    expect(await send("/spend/resolve", { id: "none", verdict: "spent" })).toMatchObject({
      status: 400,
      body: { error: { message: expect.stringContaining("none") } },
    })
    await close()
  })
})

describe("spend routes", () => {
  let world: World
  beforeAll(async () => {
    world = await openWorld(`file:${places.folder()}/questions.db`)
  })
  afterAll(() => world.close())

  it.each([
    ["/spend/report?group_by=prompt", "group_by"],
    ["/spend/report?group_by=tag,day", "group_by"],
    ["/spend/report?start_date=2026-02-30", "start_date"],
    ["/spend/report?end_date=yesterday", "end_date"],
    ["/spend/logs?start_date=2026-11-21&end_date=2026-11-20", "end_date"],
    ["/spend/logs?from=2026-11-21", "from"],
    ["/spend/logs?summarize=no", "summarize"],
    [`/spend/logs?api_key=${"0f".repeat(32)}`, "api_key"],
  ])("reject %s with the parameter", async (path, param) => {
    expect(await world.send(path)).toMatchObject({ status: 400, body: { error: { param } } })
  })

  it("stream a long list in chunks", async () => {
    const { send, ledger, keys, close } = await openWorld(`file:${places.folder()}/many.db`)
    await Promise.all(Array.from({ length: 1200 }, () => spend(ledger, 1, { key: "k1" })))
    expect((await send("/spend/logs")).body).toHaveLength(1200)
    const response = await keys.routes.request("/spend/logs", {
      headers: { authorization: "Bearer sk-master-of-this-test" },
    })
    const reader = response.body?.getReader()
    const first = await reader?.read()
    expect(new TextDecoder().decode(first?.value).match(/"request_id"/g)).toHaveLength(500)
    await reader?.cancel()
    await close()
  })

  it("stop when the client leaves, and print nothing when the ledger closes", async () => {
    const { ledger, keys, close } = await openWorld(`file:${places.folder()}/leaving.db`)
    await Promise.all(Array.from({ length: 1800 }, () => spend(ledger, 1, { key: "k1" })))
    const printed = vi.spyOn(console, "error").mockReturnValue()
    const ends = vi.fn()
    const calls = ledger.calls.bind(ledger)
    vi.spyOn(ledger, "calls").mockImplementation(async function* (query) {
      try {
        yield* calls(query)
      } finally {
        ends()
      }
    })
    const response = await keys.routes.request("/spend/logs", {
      headers: { authorization: "Bearer sk-master-of-this-test" },
    })
    const reader = response.body?.getReader()
    await reader?.read()
    void reader?.read().catch(() => undefined)
    await Promise.all([reader?.cancel(), close()])
    await vi.waitFor(() => expect(ends).toHaveBeenCalled())
    expect(printed).not.toHaveBeenCalled()
    vi.restoreAllMocks()
  })

  it("break the answer off when the ledger closes before its end", async () => {
    const { ledger, keys, close } = await openWorld(`file:${places.folder()}/closing.db`)
    await Promise.all(Array.from({ length: 1800 }, () => spend(ledger, 1, { key: "k1" })))
    const response = await keys.routes.request("/spend/logs", {
      headers: { authorization: "Bearer sk-master-of-this-test" },
    })
    await close()
    await expect(response.text()).rejects.toThrow("could not be read")
  })
})
