import type { HttpFamily, Reply } from "@pictor/core/adapter"
import { describe, expect, it, vi } from "vitest"
import { connect, serve } from "./__fixtures__/connect.ts"
import {
  answer,
  answerWith,
  call,
  family,
  jobFamily,
  type Respond,
  type TestServer,
} from "./__fixtures__/server.ts"

const wire: HttpFamily = { ...family, file: "data.#.url", hosts: ["cdn.acme.example"] }
const picture = Buffer.from([0x89, 0x50, 0x4e, 0x47])
const send: Respond = (response) => answer(response, 200, picture, { "content-type": "image/png" })
const to =
  (location: string): Respond =>
  (response) =>
    answer(response, 302, {}, { location })

/** Answers the call with these URLs, and each file as the test says. */
const provide = async (
  files: Readonly<Record<string, Respond>>,
  urls: (server: TestServer) => readonly unknown[] = ({ url }) =>
    Object.keys(files).map((path) => `${url}${path}`),
): Promise<TestServer> => {
  const server: TestServer = await serve((response, received, cut) =>
    received.method === "POST"
      ? answer(response, 200, { data: urls(server).map((url) => ({ url })) })
      : files[received.path]?.(response, received, cut),
  )
  return server
}

const invoke = (server: TestServer, options = {}): Promise<Reply> =>
  connect(server.url, options).invoke({ ...call, http: wire })

const filesOf = ({ files = {} }: Reply) =>
  Object.fromEntries(
    Object.entries(files).map(([path, bytes]) => [path, Buffer.from(bytes).toString("hex")]),
  )

const hex = picture.toString("hex")

describe("result files", () => {
  it("are fetched without a credential, by the body path of their URL", async () => {
    const server = await provide({ "/a.png?sig=1": send, "/b.png": send })
    const reply = await invoke(server, { headers: { "x-tenant": "t" } })
    expect(filesOf(reply)).toEqual({ "data.0.url": hex, "data.1.url": hex })
    for (const { headers } of server.requests.slice(1)) {
      expect(Object.keys(headers).toSorted()).toEqual([
        "accept",
        "connection",
        "host",
        "user-agent",
      ])
    }
  })

  it("of a job are fetched when it has ended, also when it is resumed", async () => {
    const server: TestServer = await serve((response, received) => {
      if (received.path === "/a.png") return send(response, received, () => {})
      return received.method === "POST"
        ? answer(response, 200, { id: "j", polling_url: `${server.url}/get` })
        : answer(response, 200, { status: "Ready", result: { sample: `${server.url}/a.png` } })
    })
    const http = { ...jobFamily, file: "result.sample" }
    const transport = connect(server.url)
    expect(filesOf(await transport.invoke({ ...call, http }))).toEqual({ "result.sample": hex })
    const job = { id: "j", url: `${server.url}/get` }
    const resumed = await transport.resume?.(job, { ...call, http })
    expect(filesOf(resumed as Reply)).toEqual({ "result.sample": hex })
  })

  it("are left as they are where the reply has none, base64, or no JSON", async () => {
    const answers = [{ data: [{ b64_json: "AAAA" }] }, { data: "no list" }, null, Buffer.from("<")]
    for (const body of answers) {
      const server = await serve(answerWith(200, body))
      expect((await invoke(server)).files).toBeUndefined()
      expect(server.requests).toHaveLength(1)
    }
    const inline = await provide({}, () => ["data:image/png;base64,AAAA", 7, null])
    expect((await invoke(inline)).files).toBeUndefined()
  })

  it("follow redirects to hosts of the family only", async () => {
    const server = await provide({ "/a.png": to("/b.png"), "/b.png": send }, ({ url }) => [
      `${url}/a.png`,
    ])
    expect(filesOf(await invoke(server))).toEqual({ "data.0.url": hex })
    const away = await provide({ "/a.png": to("http://169.254.169.254/latest/meta-data") })
    await expect(invoke(away)).rejects.toMatchObject({
      code: "invalid_response",
      maybeBilled: true,
      message: expect.stringContaining("http://169.254.169.254") as string,
    })
  })

  it.each([
    "https://evil.example/a.png",
    "http://cdn.acme.example/a.png",
    "http://10.0.0.1/a.png",
    "https://cdn.acme.example.evil.example/a.png",
  ])("of another host are not fetched: %s", async (url) => {
    const server = await provide({}, () => [url])
    await expect(invoke(server)).rejects.toMatchObject({
      code: "invalid_response",
      maybeBilled: true,
      retryable: false,
      message: expect.stringMatching(/cdn\.acme\.example.*fileHosts/) as string,
    })
    expect(server.requests).toHaveLength(1)
  })

  it("that are gone have no entry, and cost no other file", async () => {
    const server = await provide({
      "/a.png": (response) => answer(response, 410, {}),
      "/b.png": send,
    })
    expect(filesOf(await invoke(server))).toEqual({ "data.1.url": hex })
    const alone = await provide({ "/a.png": (response) => answer(response, 404, {}) })
    expect((await invoke(alone)).files).toEqual({})
  })

  it("are fetched again after a failure, and never ordered again", async () => {
    vi.useFakeTimers({
      toFake: ["setTimeout", "clearTimeout"],
      shouldAdvanceTime: true,
      advanceTimeDelta: 500,
    })
    const failures: Respond[] = [
      (response) => answer(response, 500, {}),
      (_response, _received, cut) => cut(),
      (response) => answer(response, 200, Buffer.from("<html>"), { "content-type": "text/html" }),
    ]
    const server = await provide({
      "/a.png": (response, received, cut) => (failures.shift() ?? send)(response, received, cut),
    })
    expect(filesOf(await invoke(server))).toEqual({ "data.0.url": hex })
    expect(server.requests.map(({ method }) => method)).toEqual([
      "POST",
      "GET",
      "GET",
      "GET",
      "GET",
    ])
  })

  it("that never come may have been billed", async () => {
    vi.useFakeTimers({
      toFake: ["setTimeout", "clearTimeout"],
      shouldAdvanceTime: true,
      advanceTimeDelta: 1000,
    })
    const server = await provide({ "/a.png": (response) => answer(response, 503, {}) })
    await expect(invoke(server)).rejects.toMatchObject({ code: "unavailable", maybeBilled: true })
    expect(server.requests).toHaveLength(6)
  })

  it("share one bound", async () => {
    const large: Respond = (response) => answer(response, 200, Buffer.alloc(600))
    const server = await provide({ "/a.png": large, "/b.png": large })
    await expect(invoke(server, { maxReplyBytes: 1000 })).rejects.toMatchObject({
      code: "invalid_response",
      maybeBilled: true,
      message: expect.stringContaining("1,000 bytes") as string,
    })
  })

  it("end with an abort, maybe billed", async () => {
    const controller = new AbortController()
    const closed = Promise.withResolvers<void>()
    const server = await provide({
      "/a.png": (response) => {
        response.on("close", closed.resolve)
        controller.abort()
      },
    })
    await expect(
      connect(server.url).invoke({ ...call, http: wire, signal: controller.signal }),
    ).rejects.toMatchObject({ code: "aborted", maybeBilled: true })
    await closed.promise
    expect(server.requests).toHaveLength(2)
  })
})
