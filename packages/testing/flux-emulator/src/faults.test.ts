import { at } from "@pictor/emulator-kit"
import { afterEach, describe, expect, it } from "vitest"
import { ended, order, poll, pollingUrl, type Reply, sampleOf } from "./__fixtures__/client.ts"
import { createFluxEmulator, type FluxEmulator } from "./emulator.ts"
import { type Fault, type FaultKind, faultKinds } from "./faults.ts"

let emulator: FluxEmulator

/** The kinds of all tests until now. */
const tested = new Set<FaultKind>()

const start = async (...faults: readonly Fault[]): Promise<void> => {
  for (const { kind } of faults) tested.add(kind)
  emulator = await createFluxEmulator({ faults, pendingPolls: 1 })
}

afterEach(() => emulator.close())

const fog = { prompt: "Fog", width: 128, height: 128 }

const submit = (headers?: Readonly<Record<string, string>>): Promise<Reply> =>
  order(emulator, "flux-2-pro", fog, headers)

describe("a fault of the submit", () => {
  const answers: readonly (readonly [FaultKind, number, unknown])[] = [
    ["forbidden", 403, "Not authenticated - Invalid Authentication"],
    ["no-credits", 402, "Insufficient credits"],
    ["too-many-tasks", 429, "Too many active tasks"],
    ["invalid", 422, [{ loc: ["body"], msg: "Value error, invalid request", type: "value_error" }]],
    ["internal", 500, "Internal Server Error"],
    ["unavailable", 503, "Service Unavailable"],
  ]
  it.each(answers)("%s answers %i and makes no job", async (kind, status, detail) => {
    await start({ kind, times: 1, retryAfterSeconds: 4 })
    const reply = await submit()
    expect([reply.status, reply.body, reply.headers.get("retry-after")]).toEqual([
      status,
      { detail },
      "4",
    ])
    expect(emulator.bill()).toEqual({ entries: [], credits: 0, microUsd: 0 })
    expect((await submit()).status).toBe(200)
  })

  it("reset-before breaks the connection and makes no job", async () => {
    await start({ kind: "reset-before" })
    await expect(submit()).rejects.toThrow("fetch failed")
    expect(emulator.requests).toHaveLength(1)
    expect(emulator.bill().entries).toEqual([])
  })

  it("reset-after breaks the connection and makes a job", async () => {
    await start({ kind: "reset-after" })
    await expect(submit()).rejects.toThrow("fetch failed")
    expect(emulator.bill()).toMatchObject({ entries: [{ state: "open" }], credits: 3 })
  })

  it("slow-submit answers late, and the job exists before", async () => {
    await start({ kind: "slow-submit", delayMs: 60_000 })
    const given = new AbortController()
    const reply = fetch(`${emulator.url}/v1/flux-2-pro`, {
      method: "POST",
      headers: { "x-key": "any" },
      body: JSON.stringify(fog),
      signal: given.signal,
    })
    await expect.poll(() => emulator.bill().entries.length).toBe(1)
    given.abort()
    await expect(reply).rejects.toThrow("aborted")
  })
})

describe("a fault of the job", () => {
  const endings: readonly (readonly [FaultKind, string, unknown])[] = [
    ["request-moderated", "Request Moderated", { "Moderation Reasons": ["Safety Filter"] }],
    ["content-moderated", "Content Moderated", { "Moderation Reasons": ["Safety Filter"] }],
    ["error", "Error", null],
    ["failed", "Failed", null],
    ["task-not-found", "Task not found", null],
  ]
  it.each(endings)("%s ends it as %s, without a charge", async (kind, status, details) => {
    await start({ kind })
    const finished = await ended(await submit())
    expect([finished.status, finished.body]).toEqual([
      200,
      expect.objectContaining({ status, details, result: null }),
    ])
    expect(emulator.bill()).toMatchObject({ entries: [{ state: "released" }], credits: 0 })
  })

  it("moderates a request before anything is drawn", async () => {
    await start({ kind: "request-moderated" })
    const submitted = await submit()
    const seen = [await poll(pollingUrl(submitted)), await poll(pollingUrl(submitted))]
    expect(seen.map(({ body }) => at(body, "status"))).toEqual(["Pending", "Request Moderated"])
  })

  it("never-ready keeps it running, and its price held", async () => {
    await start({ kind: "never-ready" })
    const last = await ended(await submit(), 20)
    expect(at(last.body, "status")).toBe("Generating")
    emulator.advance(3_600_000)
    expect(emulator.bill()).toMatchObject({ entries: [{ state: "open" }], credits: 3 })
  })
})

describe("a fault of the polls", () => {
  const answers: readonly (readonly [FaultKind, number])[] = [
    ["poll-error", 500],
    ["poll-unavailable", 503],
    ["poll-throttled", 429],
  ]
  it.each(answers)(
    "%s answers %i so many times, and leaves the job as it was",
    async (kind, status) => {
      await start({ kind, count: 2, retryAfterSeconds: 3 })
      const url = pollingUrl(await submit())
      const seen = [await poll(url), await poll(url), await poll(url)]
      expect(seen.map((reply) => reply.status)).toEqual([status, status, 200])
      expect(seen[0]?.headers.get("retry-after")).toBe("3")
      expect(at(seen[2]?.body, "status")).toBe("Pending")
    },
  )

  it("reset-poll breaks the connection once", async () => {
    await start({ kind: "reset-poll" })
    const submitted = await submit()
    await expect(poll(pollingUrl(submitted))).rejects.toThrow("fetch failed")
    expect(at((await ended(submitted)).body, "status")).toBe("Ready")
  })

  it("slow-poll answers the first poll late, and others at once", async () => {
    await start({ kind: "slow-poll", delayMs: 60_000 })
    const url = pollingUrl(await submit())
    const given = new AbortController()
    const late = fetch(url, { headers: { "x-key": "any" }, signal: given.signal })
    await expect.poll(() => emulator.requests.length).toBe(2)
    expect(at((await poll(url)).body, "status")).toBe("Pending")
    given.abort()
    await expect(late).rejects.toThrow("aborted")
  })
})

describe("a fault of the download", () => {
  const finish = async (): Promise<string> => sampleOf(await ended(await submit()))

  it("expired-sample answers 410 at once, and the job is charged", async () => {
    await start({ kind: "expired-sample" })
    const sample = await finish()
    expect([(await fetch(sample)).status, (await fetch(sample)).status]).toEqual([410, 410])
    expect(emulator.bill()).toMatchObject({ entries: [{ state: "charged" }], credits: 3 })
  })

  it("download-error answers 500 once", async () => {
    await start({ kind: "download-error" })
    const sample = await finish()
    expect([(await fetch(sample)).status, (await fetch(sample)).status]).toEqual([500, 200])
  })

  it("reset-download breaks the connection in the middle, once", async () => {
    await start({ kind: "reset-download" })
    const sample = await finish()
    const broken = await fetch(sample)
    expect(broken.status).toBe(200)
    await expect(broken.bytes()).rejects.toThrow("terminated")
    expect(emulator.bill().entries[0]?.downloads).toBe(0)
    expect((await (await fetch(sample)).bytes()).length).toBeGreaterThan(1000)
  })

  it("slow-download sends the same bytes in pieces, once", async () => {
    await start({ kind: "slow-download", delayMs: 1 })
    const sample = await finish()
    const [slow, quick] = [await fetch(sample), await fetch(sample)]
    expect(await slow.bytes()).toEqual(await quick.bytes())
  })
})

describe("a fault", () => {
  it("is requested by a header, for requests without a prompt too", async () => {
    await start()
    const reply = await submit({ "x-key": "any", "x-emulator-fault": "unavailable;retry=2" })
    expect([reply.status, reply.headers.get("retry-after")]).toEqual([503, "2"])
  })

  it("is requested in the prompt", async () => {
    await start()
    const prompt = "Fog [[fault:content-moderated]]"
    const finished = await ended(await order(emulator, "flux-2-pro", { ...fog, prompt }))
    expect(at(finished.body, "status")).toBe("Content Moderated")
  })

  it("that is unknown is an error that lists them", async () => {
    await start()
    const reply = await submit({ "x-key": "any", "x-emulator-fault": "flood" })
    expect(reply.status).toBe(400)
    expect(at(reply.body, "detail")).toContain("its faults are forbidden, no-credits")
  })

  it("is limited to an endpoint", async () => {
    await start({ kind: "internal", model: "flux-2-max" })
    const [pro, most] = [await submit(), await order(emulator, "flux-2-max", fog)]
    expect([pro.status, most.status]).toEqual([200, 500])
  })

  it("has a test, whatever its kind", async () => {
    await start()
    expect(tested).toEqual(new Set(faultKinds))
  })
})
