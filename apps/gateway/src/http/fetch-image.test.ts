import type { LookupFunction } from "node:net"
import { describe, expect, it, vi } from "vitest"
import { createFetchImage, isPublic } from "./fetch-image.ts"

const fetching = (resolve: LookupFunction = vi.fn<LookupFunction>()) =>
  createFetchImage({
    hosts: ["images.example.com", "*.cdn.example.com"],
    maxBytes: 1000,
    timeoutMs: 5000,
    resolve,
  })

describe("an image URL", () => {
  it.each([
    ["http://images.example.com/a.png", "https"],
    ["ftp://images.example.com/a.png", "https"],
    ["file:///etc/passwd", "https"],
    ["https://:password@images.example.com/a.png", "no user"],
    ["https://images.example.com:8443/a.png", "port"],
    ["https://ann:secret@images.example.com/a.png", "user"],
    ["https://elsewhere.example/a.png", "image_hosts"],
    ["https://images.example.com.elsewhere.example/a.png", "image_hosts"],
    ["https://cdn.example.com/a.png", "image_hosts"],
    ["https://127.0.0.1/a.png", "image_hosts"],
    ["https://[::1]/a.png", "image_hosts"],
    ["https://2130706433/a.png", "image_hosts"],
  ])("is rejected without a DNS lookup: %s", async (url, word) => {
    const resolve = vi.fn<LookupFunction>()
    const fetched = fetching(resolve)(new URL(url), undefined)
    await expect(fetched).rejects.toMatchObject({
      code: "invalid_request",
      message: expect.stringContaining(word),
    })
    await expect(fetched).rejects.not.toMatchObject({ message: expect.stringContaining("example") })
    expect(resolve).not.toHaveBeenCalled()
  })

  it.each([
    ["https://images.example.com/a.png", "127.0.0.1"],
    ["https://IMAGES.example.com/a.png", "10.1.2.3"],
    ["https://a.cdn.example.com/a.png", "169.254.169.254"],
    ["https://images.example.com/a.png", "::ffff:127.0.0.1"],
    ["https://images.example.com/a.png", "fd00::1"],
  ])("rejects %s, which resolves to %s", async (url, address) => {
    const resolve: LookupFunction = (_, options, callback) =>
      options.all ? callback(null, [{ address, family: 4 }]) : callback(null, address, 4)
    await expect(fetching(resolve)(new URL(url), undefined)).rejects.toMatchObject({
      message: expect.stringContaining("not public"),
    })
  })

  it("is rejected if one of its addresses is not public", async () => {
    const resolve: LookupFunction = (_, __, callback) =>
      callback(null, [
        { address: "93.184.215.14", family: 4 },
        { address: "192.168.0.1", family: 4 },
      ])
    await expect(
      fetching(resolve)(new URL("https://images.example.com/a.png"), undefined),
    ).rejects.toMatchObject({
      message: expect.stringContaining("not public"),
    })
  })

  it("that does not resolve is an invalid request", async () => {
    const resolve: LookupFunction = (_, __, callback) =>
      callback(Object.assign(new Error("ENOTFOUND"), { code: "ENOTFOUND" }), "", 0)
    await expect(
      fetching(resolve)(new URL("https://images.example.com/a.png"), undefined),
    ).rejects.toMatchObject({ code: "invalid_request" })
  })

  it("stops fetching when the request ends", async () => {
    const ended = AbortSignal.abort()
    await expect(
      fetching()(new URL("https://images.example.com/a.png"), ended),
    ).rejects.toMatchObject({ code: "invalid_request" })
  })
})

it.each([
  ["93.184.215.14", true],
  ["2606:2800:21f:cb07:6820:80da:af6b:8b2c", true],
  ["0.0.0.0", false],
  ["100.64.0.1", false],
  ["172.16.0.1", false],
  ["224.0.0.1", false],
  ["::", false],
  ["fe80::1", false],
  ["64:ff9b::7f00:1", false],
  ["2002:7f00:1::", false],
  ["168.63.129.16", false],
  ["::ffff:168.63.129.16", false],
  ["::7f00:1", false],
  ["::a9fe:a9fe", false],
  ["4000::1", false],
  ["nonsense", false],
])("%s is public: %s", (address, expected) => {
  expect(isPublic(address)).toBe(expected)
})
