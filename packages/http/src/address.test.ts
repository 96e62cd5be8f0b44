import type { HttpFamily } from "@pictor/core/adapter"
import { describe, expect, it } from "vitest"
import { connect, serve } from "./__fixtures__/connect.ts"
import { answerWith, call, family } from "./__fixtures__/server.ts"
import { callUrl, findBase, isFileUrl, pollUrl } from "./address.ts"

const regional: HttpFamily = {
  ...family,
  regions: { eu: "https://api.eu.acme.example/v1", us: "https://api.us.acme.example/v1" },
}
const placed = { ...family, baseUrl: "https://{region}-api.acme.example/{region}" }
const base = (text: string, own = true) => ({ text, own })

describe("findBase", () => {
  it.each([
    ["the family's", family, undefined, undefined, "https://api.acme.example/v1"],
    ["the caller's", regional, "http://127.0.0.1:1", "eu", "http://127.0.0.1:1"],
    ["a region's", regional, undefined, "eu", "https://api.eu.acme.example/v1"],
    ["filled with the region", placed, undefined, "eu1", "https://eu1-api.acme.example/eu1"],
  ])("is %s", (_, wire, own, region, expected) => {
    expect(findBase(wire, own, region).text).toBe(expected)
  })

  it.each([
    ["a region that the family lacks", regional, "mars", /the regions are eu, us/],
    ["a region of a family without any", family, "eu", /leave out http\(\{ region \}\)/],
    ["no region", placed, undefined, /set http\(\{ region \}\)/],
    [
      "a region that is no part of a host name",
      placed,
      "evil.example/",
      /set http\(\{ region \}\)/,
    ],
  ])("is misconfigured with %s", (_, wire, region, message) => {
    expect(() => findBase(wire, undefined, region)).toThrow(
      expect.objectContaining({
        code: "misconfigured",
        message: expect.stringMatching(message) as string,
      }) as Error,
    )
  })
})

describe("callUrl", () => {
  it.each([
    ["https://a.example/v1/", "images", "m", "https://a.example/v1/images"],
    ["https://a.example", "/models/{model}:draw", "m-1", "https://a.example/models/m-1:draw"],
    ["https://a.example/v1", "/{model}", "tools/try-on", "https://a.example/v1/tools/try-on"],
    ["https://a.example/v1", "/{model}", "a b?c#d", "https://a.example/v1/a%20b%3Fc%23d"],
    [
      "https://a.example/deployments/{model}?api-version=2026",
      "/images",
      "m",
      "https://a.example/deployments/m/images?api-version=2026",
    ],
    ["https://a.example/v1?a=1", "/images?b=2", "m", "https://a.example/v1/images?a=1&b=2"],
    ["https://a.example/exact", "", "m", "https://a.example/exact"],
  ])("of %s and %s for %s is %s", (text, endpoint, modelId, expected) => {
    expect(callUrl(base(text), { modelId, endpoint }).href).toBe(expected)
  })

  it.each(["../admin", "a//b", "a/..", "."])("rejects the model id %s", (modelId) => {
    expect(() => callUrl(base("https://a.example"), { modelId, endpoint: "/{model}" })).toThrow(
      expect.objectContaining({ code: "invalid_request" }) as Error,
    )
  })
})

describe("pollUrl", () => {
  const wire = { ...family, pollHosts: ["poll.acme.example"] }
  const at = (url: string, home = base(family.baseUrl, false)) =>
    pollUrl({ id: "j/1", url }, wire, { endpoint: "/jobs/{id}" }, home)?.href

  it.each([
    ["on the base URL's origin", "https://api.acme.example/get?id=1"],
    ["on a host of polls", "https://poll.acme.example/get"],
    ["on a subdomain of one", "https://eu.poll.acme.example/get"],
  ])("is polled %s", (_, url) => {
    expect(at(url)).toBe(url)
  })

  it.each([
    ["on another host", "https://acme.example/get"],
    ["on a host that only ends alike", "https://evilpoll.acme.example/get"],
    ["on a host that only begins alike", "https://poll.acme.example.evil.example/get"],
    ["without https", "http://poll.acme.example/get"],
    ["on another port", "https://poll.acme.example:8443/get"],
    ["with a password", "https://user:pass@api.acme.example/get"],
    ["by another scheme", "file:///etc/passwd"],
    ["at no URL", "get?id=1"],
  ])("is not polled %s", (_, url) => {
    expect(at(url)).toBeUndefined()
  })

  it("is polled on the loopback origin that the caller set, and on no other host from there", () => {
    const home = base("http://127.0.0.1:8080/v1")
    expect(at("http://127.0.0.1:8080/get", home)).toBe("http://127.0.0.1:8080/get")
    expect(at("http://127.0.0.1:8081/get", home)).toBeUndefined()
    expect(at("https://poll.acme.example/get", home)).toBeUndefined()
  })

  it("is the endpoint with the id where the answer has no URL", () => {
    const jobs = { endpoint: "/jobs/{id}" }
    expect(pollUrl({ id: "j 1" }, wire, jobs, base(family.baseUrl))?.href).toBe(
      "https://api.acme.example/v1/jobs/j%201",
    )
    expect(pollUrl({ id: "j" }, wire, {}, base(family.baseUrl))).toBeUndefined()
  })
})

describe("isFileUrl", () => {
  const hosts = ["cdn.acme.example"]

  it.each([
    [true, "https://cdn.acme.example/a.png", base(family.baseUrl, false)],
    [true, "https://eu.cdn.acme.example/a.png", base(family.baseUrl, false)],
    [false, "http://cdn.acme.example/a.png", base(family.baseUrl, false)],
    [false, "https://api.acme.example/a.png", base(family.baseUrl, false)],
    [true, "http://127.0.0.1:9/a.png", base("http://127.0.0.1:8")],
    [false, "http://127.0.0.1:9/a.png", base("https://127.0.0.1:8")],
    [false, "http://169.254.169.254/latest", base("http://127.0.0.1:8")],
    [false, "https://user:pass@cdn.acme.example/a.png", base(family.baseUrl, false)],
  ])("is %s for %s", (expected, url, home) => {
    expect(isFileUrl(new URL(url), hosts, home)).toBe(expected)
  })
})

describe("options", () => {
  it.each([
    [{ timeoutMs: 0 }, /timeoutMs/],
    [{ maxReplyBytes: 1.5 }, /maxReplyBytes/],
    [{ maxBodyBytes: -1 }, /maxBodyBytes/],
    [{ pollsPerSecond: 0 }, /pollsPerSecond/],
    [{ baseUrl: "api.acme.example" }, /baseUrl must be an absolute/],
    [{ baseUrl: "https://user:pass@a.example" }, /credential/],
    [{ baseUrl: "ftp://a.example" }, /baseUrl/],
    [{ region: "EU West" }, /region/],
    [{ headers: { "a b": "c" } }, /header/],
    [{ headers: { a: "b\nc" } }, /header/],
    [{ key: 7 }, /key must be/],
    [{ baseURL: "https://a.example" }, /baseUrl/],
    [{ connections: 1, dispatcher: { dispatch: () => true } }, /exclude each other/],
  ])("%j are rejected", (options, message) => {
    expect(() => connect("https://a.example", options as never)).toThrow(message)
  })

  it("a base URL from a function is checked", async () => {
    const server = await serve(answerWith(200, {}))
    for (const baseUrl of [() => "nonsense", () => Promise.reject(new Error("x"))])
      await expect(connect("", { baseUrl }).invoke(call)).rejects.toMatchObject({
        code: "misconfigured",
        message: expect.stringContaining("baseUrl") as string,
      })
    expect(server.requests).toHaveLength(0)
  })

  it("region() is the option, or else the requested one", async () => {
    expect(await connect("https://a.example", { region: "eu" }).region?.("us")).toBe("eu")
    expect(await connect("https://a.example").region?.("us")).toBe("us")
  })

  it("check() finds a key without a call", async () => {
    await expect(connect("https://a.example", { key: undefined }).check?.()).rejects.toMatchObject({
      code: "misconfigured",
    })
    await expect(connect("https://a.example").check?.()).resolves.toBeUndefined()
  })
})
