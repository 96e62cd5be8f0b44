import { afterEach, describe, expect, it } from "vitest"
import { ask, small, words } from "./__fixtures__/ask.ts"
import type { RecordedRequest } from "./backend.ts"
import { type EmulatedGemini, emulated } from "./emulated.ts"

const open: EmulatedGemini[] = []
const start = async (options: EmulatedGemini): Promise<string> => {
  const url = await options.baseUrl()
  open.push(options)
  return url
}
afterEach(async () => {
  for (const options of open.splice(0)) await options.onClose()
})

const answers = (url: string): Promise<boolean> =>
  fetch(url).then(
    () => true,
    () => false,
  )

describe("emulated", () => {
  it("starts one emulator for all clients", async () => {
    const options = emulated()
    const urls = await Promise.all([start(options), start(options)])
    expect(urls[0]).toBe(urls[1])
    expect(await start(emulated())).not.toBe(urls[0])
  })

  it("closes the emulator with the last client that used it, and starts another one", async () => {
    const options = emulated()
    const url = await options.baseUrl()
    await options.baseUrl()
    await options.onClose()
    expect(await answers(url)).toBe(true)
    await options.onClose()
    expect(await answers(url)).toBe(false)
    expect(await answers(await start(options))).toBe(true)
  })

  it.each(["gemini", "vertex"] as const)("calls the API %s with a key", async (api) => {
    const requests: RecordedRequest[] = []
    const options = emulated({ api, requests })
    const url = await start(options)
    const { header, prefix = "" } = options.auth
    const headers = { [header]: prefix + options.key }
    const { status } = await ask({ url }, words(small), { path: "/models", headers })
    expect([status, requests.length]).toEqual([200, 1])
  })

  it("rejects unknown options", () => {
    expect(() => emulated({ ports: 1 } as never)).toThrow(/ports/)
    expect(() => emulated({ api: "interactions" as never })).toThrow(/gemini, vertex/)
  })

  it("rejects if the port is taken, and starts again later", async () => {
    const url = await start(emulated())
    const options = emulated({ port: Number(new URL(url).port) })
    await expect(options.baseUrl()).rejects.toMatchObject({ code: "EADDRINUSE" })
    await open.pop()?.onClose()
    expect(await start(options)).toBe(url)
  })
})
