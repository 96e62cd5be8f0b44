import { once } from "node:events"
import { request as httpRequest, type IncomingMessage } from "node:http"
import { at, manualClock } from "@pictor/emulator-kit"
import { afterEach, describe, expect, it } from "vitest"
import {
  ended,
  order,
  picture,
  poll,
  pollingUrl,
  type Reply,
  sampleOf,
} from "./__fixtures__/client.ts"
import { scene } from "./__fixtures__/pictures.ts"
import { createFluxEmulator, type FluxEmulator, type FluxEmulatorOptions } from "./emulator.ts"

let emulator: FluxEmulator

const start = async (options: FluxEmulatorOptions = {}): Promise<FluxEmulator> => {
  emulator = await createFluxEmulator(options)
  return emulator
}

afterEach(() => emulator.close())

const lighthouse = { prompt: "A lighthouse in fog", width: 256, height: 256, seed: 7 }

const status = ({ body }: Reply): unknown => at(body, "status")

/** The answers of so many polls. */
const statuses = async (submitted: Reply, count: number): Promise<readonly unknown[]> => {
  const seen: unknown[] = []
  for (let index = 0; index < count; index += 1)
    seen.push(status(await poll(pollingUrl(submitted))))
  return seen
}

describe("a submit", () => {
  it("is answered with id, polling URL, cost and megapixels", async () => {
    const { url } = await start()
    const reply = await order(emulator, "flux-2-pro", { ...lighthouse, width: 1920, height: 1072 })
    const id = at(reply.body, "id")
    expect(reply.status).toBe(200)
    expect(reply.body).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      polling_url: `${url}/v1/get_result?id=${id}`,
      cost: 4.5,
      input_mp: 0,
      output_mp: 2.06,
    })
  })

  it("needs a key", async () => {
    await start()
    const reply = await order(emulator, "flux-2-pro", lighthouse, {})
    expect([reply.status, reply.body]).toEqual([403, { detail: "Not authenticated" }])
    expect(emulator.requests).toEqual([])
  })

  it("needs one of the keys", async () => {
    await start({ keys: ["bfl_right"] })
    const [right, wrong] = await Promise.all(
      ["bfl_right", "bfl_wrong"].map((key) =>
        order(emulator, "flux-2-pro", lighthouse, { "x-key": key }),
      ),
    )
    expect([right?.status, wrong?.status]).toEqual([200, 403])
  })

  it("of an unknown endpoint is not found", async () => {
    await start()
    const reply = await order(emulator, "flux-9", lighthouse)
    expect([reply.status, reply.body]).toEqual([404, { detail: "Not Found" }])
  })

  it("of a wrong body is answered with every reason, and makes no job", async () => {
    await start()
    const reply = await order(emulator, "flux-2-pro", { width: 1000, guidance: 3 })
    expect([reply.status, reply.body]).toEqual([
      422,
      {
        detail: expect.arrayContaining([
          { loc: ["body", "prompt"], msg: "Field required", type: "missing" },
          {
            loc: ["body", "guidance"],
            msg: "Extra inputs are not permitted",
            type: "extra_forbidden",
          },
          { loc: ["body", "width"], msg: "Input should be a multiple of 16", type: "multiple_of" },
        ]),
      },
    ])
    expect(emulator.bill().entries).toEqual([])
  })

  it("of text that is not JSON is a 422", async () => {
    const { url } = await start()
    const reply = await fetch(`${url}/v1/flux-2-pro`, {
      method: "POST",
      headers: { "x-key": "any" },
      body: "{",
    })
    expect([reply.status, await reply.json()]).toEqual([
      422,
      { detail: [{ loc: ["body"], msg: "JSON decode error", type: "json_invalid" }] },
    ])
  })

  it("is refused before its body is read where that is too large", async () => {
    const { url } = await start()
    const request = httpRequest(`${url}/v1/flux-2-pro`, {
      method: "POST",
      headers: { "x-key": "any", "content-length": 268_435_457 },
    })
    request.flushHeaders()
    const [reply]: readonly IncomingMessage[] = await once(request, "response")
    expect(reply?.statusCode).toBe(413)
    request.destroy()
  })

  it("is answered after the latency", async () => {
    await start({ latencyMs: 60_000 })
    const given = new AbortController()
    const reply = fetch(`${emulator.url}/v1/flux-2-pro`, {
      method: "POST",
      headers: { "x-key": "any" },
      body: JSON.stringify(lighthouse),
      signal: given.signal,
    })
    await expect.poll(() => emulator.requests.length).toBe(1)
    given.abort()
    await expect(reply).rejects.toThrow("aborted")
    expect(emulator.bill().entries).toEqual([])
  })

  it("is recorded with its body, and only the latest ones are kept", async () => {
    await start({ keepRequests: 2 })
    const submitted = await order(emulator, "flux-2-pro", lighthouse)
    expect(emulator.requests).toMatchObject([
      { kind: "submit", method: "POST", path: "/v1/flux-2-pro", body: lighthouse },
    ])
    await statuses(submitted, 2)
    expect(emulator.requests.map(({ kind }) => kind)).toEqual(["poll", "poll"])
  })
})

describe("a job", () => {
  it("is moved on by its polls", async () => {
    await start({ pendingPolls: 2 })
    const submitted = await order(emulator, "flux-2-pro", lighthouse)
    expect(await statuses(submitted, 6)).toEqual([
      "Pending",
      "Pending",
      "Reasoning",
      "Generating",
      "Ready",
      "Ready",
    ])
  })

  it.each(["flux-kontext-pro", "flux-dev", "flux-pro-1.1-ultra"])(
    "of %s is Pending until it ends",
    async (endpoint) => {
      await start()
      const submitted = await order(emulator, endpoint, { prompt: "Fog" })
      expect(await statuses(submitted, 4)).toEqual(["Pending", "Pending", "Pending", "Ready"])
    },
  )

  it("is moved on by the clock", async () => {
    await start({ jobMs: 3000, clock: manualClock() })
    const submitted = await order(emulator, "flux-2-pro", lighthouse)
    const seen: unknown[] = []
    for (const step of [0, 999, 1, 1000, 999, 1]) {
      emulator.advance(step)
      seen.push(...(await statuses(submitted, 1)))
    }
    expect(seen).toEqual(["Pending", "Pending", "Reasoning", "Generating", "Generating", "Ready"])
  })

  it("reports what it took", async () => {
    await start({ jobMs: 3000, clock: manualClock(1_000_000) })
    const submitted = await order(emulator, "flux-2-pro", lighthouse)
    expect((await poll(pollingUrl(submitted))).body).toEqual({
      id: at(submitted.body, "id"),
      status: "Pending",
      result: null,
      progress: null,
      details: null,
    })
    emulator.advance(60_000)
    expect((await poll(pollingUrl(submitted))).body).toMatchObject({
      status: "Ready",
      cost: 3,
      result: { seed: 7, start_time: 1000, end_time: 1003, duration: 3 },
    })
  })

  it("ends after ten minutes where nobody polls", async () => {
    await start({ clock: manualClock() })
    await order(emulator, "flux-2-pro", lighthouse)
    expect(emulator.bill().entries[0]?.state).toBe("open")
    emulator.advance(600_000)
    expect(emulator.bill().entries[0]?.state).toBe("charged")
  })

  it("needs a key and an id", async () => {
    const { url } = await start()
    const submitted = await order(emulator, "flux-2-pro", lighthouse)
    expect((await poll(pollingUrl(submitted), {})).status).toBe(403)
    expect((await poll(`${url}/v1/get_result`)).status).toBe(422)
  })

  it("that does not exist is not found", async () => {
    const { url } = await start()
    const reply = await poll(`${url}/v1/get_result?id=none`)
    expect([reply.status, status(reply)]).toEqual([404, "Task not found"])
  })

  it("has no seed in its result where the model has none", async () => {
    await start()
    const finished = await ended(await order(emulator, "flux-3-image", { prompt: "Fog" }))
    expect(at(finished.body, "result", "seed")).toBeUndefined()
    expect(sampleOf(finished)).not.toBe("")
  })
})

describe("a result", () => {
  const finish = async (endpoint = "flux-2-pro"): Promise<string> =>
    sampleOf(await ended(await order(emulator, endpoint, lighthouse)))

  it("is on another origin, as raw bytes", async () => {
    const { url, sampleUrl } = await start()
    const sample = await finish()
    expect(new URL(sample).origin).toBe(sampleUrl)
    expect(new URL(sample).origin).not.toBe(url)
    const reply = await fetch(sample)
    expect([reply.status, reply.headers.get("content-type")]).toEqual([200, "image/jpeg"])
    expect(Number(reply.headers.get("content-length"))).toBe((await reply.arrayBuffer()).byteLength)
  })

  it("is the same in each download, and under the same URL in each poll", async () => {
    await start()
    const submitted = await order(emulator, "flux-2-pro", lighthouse)
    const [first, second] = [sampleOf(await ended(submitted)), sampleOf(await ended(submitted))]
    expect(second).toBe(first)
    const bytes = await Promise.all([first, second].map(async (url) => (await fetch(url)).bytes()))
    expect(bytes[0]).toEqual(bytes[1])
    expect(emulator.bill().entries[0]).toMatchObject({ downloads: 2 })
  })

  it("is refused where the key is sent along", async () => {
    await start()
    const reply = await fetch(await finish(), { headers: { "x-key": "bfl_test" } })
    expect(reply.status).toBe(400)
    expect(emulator.bill().entries[0]).toMatchObject({ downloads: 0 })
  })

  it.each([
    ["another job", (url: string) => url.replace(/results\/./, "results/x")],
    ["a later end", (url: string) => url.replace(/se=[0-9]+/, "se=9999999999999")],
    ["no signature", (url: string) => url.replace(/&sig=.*/, "")],
  ])("is not signed for %s", async (_, change) => {
    await start()
    expect((await fetch(change(await finish()))).status).toBe(403)
  })

  it.each([
    ["ten minutes", "flux-2-pro", 600_000],
    ["an hour, of FLUX 3,", "flux-3-image", 3_600_000],
  ])("is gone after %s", async (_, endpoint, lifetimeMs) => {
    await start({ clock: manualClock(1_700_000_000_000) })
    const body = endpoint === "flux-3-image" ? { prompt: "Fog", resolution: "768sq" } : lighthouse
    const sample = sampleOf(await ended(await order(emulator, endpoint, body)))
    emulator.advance(lifetimeMs - 1)
    expect((await fetch(sample)).status).toBe(200)
    emulator.advance(1)
    expect((await fetch(sample)).status).toBe(410)
  })

  it("is gone after the time that the emulator is given", async () => {
    await start({ clock: manualClock(), sampleMs: 50 })
    const sample = await finish()
    emulator.advance(50)
    expect((await fetch(sample)).status).toBe(410)
  })

  it("of an old job makes room for new ones", async () => {
    await start({ clock: manualClock(), sampleMs: 50 })
    const sample = await finish()
    emulator.advance(50)
    await order(emulator, "flux-2-pro", lighthouse)
    expect((await fetch(sample)).status).toBe(410)
  })
})

describe("the account", () => {
  it("has 24 active tasks, and a new one once one has ended", async () => {
    await start()
    const first = await order(emulator, "flux-2-pro", lighthouse)
    for (let count = 1; count < 24; count += 1) await order(emulator, "flux-2-max", lighthouse)
    const refused = await order(emulator, "flux-2-pro", lighthouse)
    expect([refused.status, refused.body]).toEqual([429, { detail: "Too many active tasks" }])
    await ended(first)
    expect((await order(emulator, "flux-2-pro", lighthouse)).status).toBe(200)
  })

  it("has 6 active tasks of Kontext max", async () => {
    await start()
    const seen: number[] = []
    for (let count = 0; count < 7; count += 1)
      seen.push((await order(emulator, "flux-kontext-max", { prompt: "Fog" })).status)
    expect(seen).toEqual([200, 200, 200, 200, 200, 200, 429])
    expect((await order(emulator, "flux-kontext-pro", { prompt: "Fog" })).status).toBe(200)
  })

  it("runs out of credits, never below 0, however many orders come at once", async () => {
    await start({ credits: 10 })
    const replies = await Promise.all(
      Array.from({ length: 5 }, () => order(emulator, "flux-2-pro", lighthouse)),
    )
    expect(replies.filter(({ status: code }) => code === 200)).toHaveLength(3)
    expect(replies.filter(({ status: code }) => code === 402)).toHaveLength(2)
    expect(emulator.bill()).toMatchObject({ credits: 9, microUsd: 90_000 })
    const left = await poll(`${emulator.url}/v1/credits`)
    expect(left.body).toEqual({ credits: 1 })
  })

  it("is billed for inputs too", async () => {
    await start()
    const input = await scene(1024, 1040)
    const reply = await order(emulator, "flux-2-pro", { prompt: "Fog", input_image: input })
    // 1,064,960 pixels: two started megapixels each of input and output.
    expect(reply.body).toMatchObject({ cost: 7.5, input_mp: 1.06, output_mp: 1.06 })
  })

  it("is billed each job once, with its polls and downloads", async () => {
    await start()
    await picture(emulator, "flux-2-pro", lighthouse)
    await order(emulator, "flux-pro-1.1", { prompt: "Fog" })
    expect(emulator.bill()).toEqual({
      entries: [
        {
          id: expect.any(String),
          endpoint: "flux-2-pro",
          state: "charged",
          credits: 3,
          microUsd: 30_000,
          inputMegapixels: 0,
          outputMegapixels: 0.07,
          polls: 4,
          downloads: 1,
        },
        expect.objectContaining({ endpoint: "flux-pro-1.1", state: "open", credits: 4 }),
      ],
      credits: 7,
      microUsd: 70_000,
    })
  })
})

describe("the routes for tests", () => {
  it("report the bill and the requests, without headers and bodies", async () => {
    const { url } = await start()
    await order(emulator, "flux-2-pro", lighthouse)
    const bill = await poll(`${url}/emulator/bill`, {})
    expect(bill.body).toEqual(JSON.parse(JSON.stringify(emulator.bill())))
    const requests = await poll(`${url}/emulator/requests`, {})
    expect(requests.body).toEqual([{ kind: "submit", method: "POST", path: "/v1/flux-2-pro" }])
  })

  it("move the clock on", async () => {
    const { url } = await start({ jobMs: 1000, clock: manualClock() })
    const submitted = await order(emulator, "flux-2-pro", lighthouse)
    const advance = (body: string) => fetch(`${url}/emulator/clock`, { method: "POST", body })
    expect((await advance('{"advanceMs":-1}')).status).toBe(400)
    expect((await advance('{"advanceMs":1000}')).status).toBe(204)
    expect(await statuses(submitted, 1)).toEqual(["Ready"])
  })
})

describe("createFluxEmulator", () => {
  it("rejects a misspelt option, and two ways to move jobs on", async () => {
    await start()
    await expect(createFluxEmulator({ job: 1 } as FluxEmulatorOptions)).rejects.toThrow(
      'createFluxEmulator has no option "job"',
    )
    await expect(createFluxEmulator({ jobMs: 1, pendingPolls: 1 })).rejects.toThrow("not both")
  })

  it("rejects a port in use, and leaves none open", async () => {
    const { url } = await start()
    await expect(createFluxEmulator({ port: Number(new URL(url).port) })).rejects.toThrow(
      "EADDRINUSE",
    )
  })

  it("gives equal ids, seeds and pictures for equal seeds", async () => {
    await start({ seed: 3 })
    const other = await createFluxEmulator({ seed: 3 })
    try {
      const body = { prompt: "Fog", width: 128, height: 128, output_format: "png" }
      const [one, two] = [
        await order(emulator, "flux-2-max", body),
        await order(other, "flux-2-max", body),
      ]
      expect(at(one.body, "id")).toBe(at(two.body, "id"))
      const again = await order(emulator, "flux-2-max", body)
      const seeds = (await Promise.all([one, two, again].map((each) => ended(each)))).map((reply) =>
        at(reply.body, "result", "seed"),
      )
      expect(seeds[0]).toBe(seeds[1])
      expect(seeds[0]).not.toBe(seeds[2])
    } finally {
      await other.close()
    }
  })
})
